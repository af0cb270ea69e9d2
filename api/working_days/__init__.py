"""Working days: which swaps count, deciding one, and which due days it moves."""
