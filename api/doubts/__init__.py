"""Doubts about awards: the queue of those that are open, and how they are settled."""
