"""Whether the register may be asked and recorded in: one look at it, and what is wrong with it."""
