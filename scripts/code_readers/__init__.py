"""Which printed QR codes are read, by five readers, after thirteen kinds of wear.

    sheets    every design and blank with a code, as PDF; with the register's own environment
    reading   rasterises them, wears them and has them read; with an environment of its own
    wear      the thirteen conditions
    readers   the five readers

The readers are no part of the register, nor of its tests: `scripts/code-readers` gives them an
environment of their own in `.venv/readers`. The tables are in docs/adr/0008.
"""
