"""`sovang migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from scripts.command_line.session import Session


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
