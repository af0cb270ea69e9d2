"""What the law says in numbers and names: procedures and their terms, working days, successors.

Data with a source and a certainty for each statement, in `registry/data`; nothing recalled refuses.
"""
