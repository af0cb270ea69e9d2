"""`sovang migrate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from registry.messages import format_time

if TYPE_CHECKING:
    from scripts.command_line.session import Session


def print_roles_sql(session: Session) -> None:
    """Print what an administrator of a server of one's own runs once; asks no database."""
    from registry.database_roles import ROLES, roles_sql  # noqa: PLC0415 - a command each

    statements = roles_sql(session.settings.database_url)
    if session.as_json:
        session.answer({"roles": list(ROLES), "sql": statements})
    else:
        print(statements)


def migrate(session: Session) -> None:
    """Bring the schema up to date, which opening the database does; tell what it has."""
    with session.database() as database, psycopg.connect(database.administrator) as connection:
        found = connection.execute("SELECT name, ran_at FROM public.migrations ORDER BY name")
        migrations = found.fetchall()
    if session.as_json:
        document = [{"name": name, "ran_at": at.isoformat()} for name, at in migrations]
        session.answer({"migrations": document})
        return
    session.say("migrated")
    rows = [(name, format_time(at, session.language)) for name, at in migrations]
    session.table(("column.migration", "column.recorded"), rows)
