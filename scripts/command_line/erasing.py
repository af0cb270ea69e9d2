"""`sovang erase`: destroy the key of a person, on a basis and with a second person's consent.

Everything that was sealed under it is unreadable from then on, in the log and in every kit;
facts, proofs and paper stay as they are. Registers, certificates and exports are made from what
can be read, so they hold nothing of it: sealed values are opened when they are shown, and kept
nowhere. What is true if we die: fact and key are one transaction; only the rewriting of the
table's file, which removes what the disk still holds of the key, must be asked for again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from registry.award import AwardRecorded
from registry.erasure import ErasePerson
from registry.errors import NotFound, Rejected
from registry.fact import Claim
from registry.messages import format_time
from registry.text import comparison_key
from scripts.command_line.erased_keys import take_away_destroyed_keys
from scripts.command_line.session import authorship

if TYPE_CHECKING:
    from registry.register import Registry
    from scripts.command_line.session import Session


def run(session: Session, typed: str, basis: str, consent_by: str, backup_days: int) -> None:
    """Erase a person named by id, or by an award that has one person. Raises `Rejected`."""
    author = authorship()
    with session.database() as database:
        registry = database.registry()
        subject = _find_person(registry, typed)
        command = ErasePerson(
            subject, basis, author.actor, _find_user(registry, consent_by), backup_days
        )
        recorded = registry.execute("erasure", subject, command, author)
        cleared = take_away_destroyed_keys(database.administrator)
    ends_at = datetime.now(UTC) + timedelta(days=backup_days)
    if session.as_json:
        session.answer(
            {
                "erased": str(subject),
                "position": recorded.position,
                "write_ahead_log_cleared": cleared,
                "backups_hold_it_until": ends_at.isoformat(timespec="seconds"),
            }
        )
        return
    session.say("erase.done", person=subject, position=recorded.position)
    session.say("erase.files-cleared" if cleared else "erase.files-not-cleared")
    session.say("erase.backups", days=backup_days, until=format_time(ends_at, session.language))


def _find_person(registry: Registry, typed: str) -> UUID:
    try:
        named = UUID(typed)
    except ValueError as error:
        raise Rejected("person-unknown", field="PERSON", typed=typed[:40]) from error
    if registry.log.subject_keys([named]) or registry.load("erasure", named).version:
        return named
    persons = [
        person
        for fact in registry.facts_of(named)
        if isinstance(fact.event, AwardRecorded)
        for person in fact.event.recipient.persons
    ]
    if not persons:
        raise NotFound("person-unknown", field="PERSON", typed=typed)
    if len(persons) > 1:
        ids = ", ".join(f"{person.id} ({person.name or '–'})" for person in persons)
        raise Rejected("person-not-one", field="PERSON", ids=ids)
    return persons[0].id


def _find_user(registry: Registry, name: str) -> UUID:
    found = registry.holder(Claim("user", comparison_key(name)))
    if found is None:
        raise NotFound("user-unknown", field="--consent-by", name=name)
    return found
