"""What became of everything that was acknowledged: read from the log itself, fact by fact."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from registry.award import AwardRecorded
from registry.codec import decode_fact
from registry.database import open_database
from registry.decision import DecisionRegistered
from registry.importing import ImportFinished
from registry.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from registry.register import Registry
    from scripts.campaigns.journal import Entry

FACTS_PER_READ: Final = 5_000


@dataclass(slots=True)
class Found:
    """What is in the log: how often each name was recorded, and which records there are."""

    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)
    finished: set[str] = field(default_factory=set)


def read_log(home: Path) -> Found:
    """Read the whole log of a home whose server may run."""
    found = Found()
    with open_database(Settings(home=home)) as database:
        registry, position = database.registry(), 0
        while position < registry.log.head().position:
            position = _read_some(registry, position, found)
    return found


def _read_some(registry: Registry, position: int, found: Found) -> int:
    for stream, version, place, name, state in registry.log.read_after(position, FACTS_PER_READ):
        position = place
        event = decode_fact(stream, version, place, name, bytes(state)).event
        if isinstance(event, DecisionRegistered):
            found.names["decision", event.number] += 1
        elif isinstance(event, AwardRecorded):
            found.names["award", event.recipient.name] += 1
        elif isinstance(event, ImportFinished):
            found.finished.add(str(stream))
        found.ids.add(str(stream))
    return position


def lost(found: Found, entries: Iterable[Entry]) -> list[str]:
    """Acknowledged answers that are not there."""
    return [entry.name for entry in entries if not _stands(found, entry)]


def _stands(found: Found, entry: Entry) -> bool:
    if entry.kind == "import":
        return entry.id in found.finished and all(found.names["award", name] for name in entry.rows)
    return entry.id in found.ids and found.names[entry.kind, entry.name] > 0


def doubled(found: Found) -> list[str]:
    """What stands more than once, acknowledged or not: every name was given once."""
    return [f"{kind} {name}" for (kind, name), times in found.names.items() if times > 1]
