"""The campaign: writers record, faults strike, and at the end every answer is looked for.

A round is: wait until something new was acknowledged, strike, start again what was killed. The
seed decides faults and pauses; how far the writers are when a fault strikes is the machine's.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scripts.campaigns import judging
from scripts.campaigns.faults import draw
from scripts.campaigns.house import CampaignFailed, House
from scripts.campaigns.journal import Journal
from scripts.campaigns.writing import Writers

if TYPE_CHECKING:
    from random import Random

RECOVERY_SECONDS_MAX: Final = 180.0
PAUSE_SECONDS: Final = (0.0, 1.0)
POLL_SECONDS: Final = 0.02
SHOWN_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be done: `kills` ends it before the time is over."""

    seed: int
    seconds: float
    kills: int | None = None


def run(campaign: Campaign) -> int:
    """Run it; 1 if anything was lost, doubled or found wrong."""
    print(f"seed {campaign.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="sovang-campaign-", dir="/tmp") as name:
        folder = Path(name)
        # The database server's account must pass through.
        folder.chmod(0o755)
        house, journal = House(folder / "home"), Journal(folder / "journal.jsonl")
        try:
            return _run_in(folder, campaign, house, journal)
        except CampaignFailed as error:
            print(f"the campaign cannot go on: {error}", flush=True)
            print((folder / "server.log").read_text(errors="replace")[-3_000:], flush=True)
            return 1
        finally:
            house.close()
            journal.close()


def _run_in(folder: Path, campaign: Campaign, house: House, journal: Journal) -> int:
    added = house.answer("user", "add", "Cán bộ Thử", "--role", "clerk", "--token")
    house.wait_until_ready()
    writers = Writers(house, journal, added["token"], folder)
    writers.start()
    try:
        rounds = _strike(campaign, house, writers)
    finally:
        # Who waits for an answer needs a server.
        house.start()
        writers.stop()
    return _judge(house, journal, writers, rounds)


def _strike(campaign: Campaign, house: House, writers: Writers) -> int:
    """Strike until the time is over, or often enough; how many times that was."""
    chance = random.Random(campaign.seed)  # noqa: S311 - a seed decides, no secret
    ends, rounds = time.monotonic() + campaign.seconds, 0
    while time.monotonic() < ends and rounds != campaign.kills and not writers.refusals:
        _wait_for_answers(house, writers)
        time.sleep(chance.uniform(*PAUSE_SECONDS))
        name = _one_fault(house, writers, chance)
        if name is not None:
            rounds += 1
            print(f"{rounds:5} {name}, {writers.journal.count} acknowledged", flush=True)
    return rounds


def _one_fault(house: House, writers: Writers, chance: Random) -> str | None:
    fault = draw(chance)
    return fault.name if fault.strike(house, writers, chance) else None


def _wait_for_answers(house: House, writers: Writers) -> None:
    """Until something new was acknowledged: each fault strikes a register at work."""
    before, deadline = writers.journal.count, time.monotonic() + RECOVERY_SECONDS_MAX
    while writers.journal.count == before and not writers.refusals:
        if time.monotonic() > deadline:
            raise CampaignFailed(f"nothing was acknowledged for {RECOVERY_SECONDS_MAX} s")
        house.start()
        time.sleep(POLL_SECONDS)


def _judge(house: House, journal: Journal, writers: Writers, rounds: int) -> int:
    """Look for every answer; print what is wrong, and the last line."""
    house.wait_until_ready()
    checked = house.run("log", "check")
    found, entries = judging.read_log(house.home), journal.entries()
    lost, doubled = judging.lost(found, entries), judging.doubled(found)
    for what, names in (("lost", lost), ("doubled", doubled), ("refused", writers.refusals)):
        for name in names[:SHOWN_MAX]:
            print(f"{what}: {name}", flush=True)
    if checked.returncode:
        print(f"log check: {checked.returncode}\n{checked.stdout}{checked.stderr}", flush=True)
    acknowledged = sum(max(1, len(entry.rows)) for entry in entries)
    print(
        f"rounds {rounds} acknowledged {acknowledged} lost {len(lost)} doubled {len(doubled)}",
        flush=True,
    )
    return int(bool(lost or doubled or writers.refusals or checked.returncode))
