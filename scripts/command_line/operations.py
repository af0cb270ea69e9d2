"""`sovang log status` and `sovang migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from scripts.command_line.archive import format_digest

if TYPE_CHECKING:
    from scripts.command_line.session import Session


def log_status(session: Session) -> None:
    """Where the log ends: position, number of facts, digest over all of them."""
    with session.database() as database:
        head = database.registry().log.head()
    digest = format_digest(head.digest)
    if session.as_json:
        session.answer({"position": head.position, "facts": head.facts, "digest": digest})
    else:
        print(session.text("log.state", facts=head.facts, position=head.position, digest=digest))


def migrate(session: Session) -> None:
    """Bring the schema up to date, which opening the database does; tell what it has."""
    with session.database() as database, psycopg.connect(database.administrator) as connection:
        found = connection.execute("SELECT name, ran_at FROM public.migrations ORDER BY name")
        migrations = [(name, ran_at.isoformat()) for name, ran_at in found]
    if session.as_json:
        document = [{"name": name, "ran_at": ran_at} for name, ran_at in migrations]
        session.answer({"migrations": document})
        return
    session.say("migrated")
    session.table(("column.migration", "column.recorded"), migrations)
