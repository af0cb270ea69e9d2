"""`scripts/campaign NAME`: the last line says rounds, acknowledged, lost, doubled."""

from __future__ import annotations

import argparse
import secrets
import sys

from scripts.campaigns.kill import Campaign, run

MINUTES_MAX = 600
KILLS_MAX = 10_000


def main() -> int:
    """Run a campaign; 1 if anything was lost, doubled or found wrong."""
    parser = argparse.ArgumentParser(prog="scripts/campaign")
    parser.add_argument("name", choices=["kill"])
    parser.add_argument("--minutes", type=float, default=None, help="how long; 5 by default")
    parser.add_argument("--seed", type=int, default=None, help="drawn, and printed, by default")
    parser.add_argument("--kills", type=int, default=None, help="end after so many kills")
    given = parser.parse_args()
    if given.kills is not None and not 0 < given.kills <= KILLS_MAX:
        parser.error(f"--kills takes 1 to {KILLS_MAX}")
    usual = 5 if given.kills is None else MINUTES_MAX
    minutes = usual if given.minutes is None else given.minutes
    if not 0 < minutes <= MINUTES_MAX:
        parser.error(f"--minutes takes up to {MINUTES_MAX}")
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    return run(Campaign(seed, minutes * 60, given.kills))


if __name__ == "__main__":
    sys.exit(main())
