"""Moves the clock of every Python program that a moved test run starts (see `moved_clock`).

Python imports a module of this name at its start; the folder is on the path only then.
"""

import os
from datetime import timedelta

if "SOVANG_TEST_CLOCK_SECONDS" in os.environ:
    import time_machine

    ahead = timedelta(seconds=int(os.environ["SOVANG_TEST_CLOCK_SECONDS"]))
    time_machine.travel(ahead, tick=True).start()
