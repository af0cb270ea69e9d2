"""What the embedded server is told: its settings, who may come in, under which role.

Peer authentication: the kernel tells the server which account calls. The account that runs the
server and root may act as any database role; nobody else gets past the socket's folder.
"""

from __future__ import annotations

import pwd
from typing import TYPE_CHECKING

from registry.embedded.cluster import PORT, SUPERUSER, Cluster, open_closed_file

if TYPE_CHECKING:
    from pathlib import Path

    from registry.embedded.programs import Account

# Before PostgreSQL 16 an identity map cannot say "every role", so that they are named.
ROLES_BEFORE_16 = (
    SUPERUSER,
    "sovang_owner",
    "sovang_writer",
    "sovang_reader",
    "sovang_projector",
)
MAP_KNOWS_ALL_FROM_MAJOR = 16

# For a register on a small machine that other programs share (2 cores, 2 GB and more).
SERVER_SETTINGS: dict[str, str] = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "random_page_cost": "1.1",
    "max_connections": "60",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # Rows of a failed statement would put names and papers of persons into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
}


def write_configuration(cluster: Cluster) -> None:
    """Write the three files that the server reads when it starts; they are ours alone.

    Written anew at each start, so that what a crash left of them does not matter. An operator
    who wants other values uses ALTER SYSTEM, whose file the server reads after these.
    """
    doors = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.folder.run),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
    }
    lines = [
        f"{name} = '{_escape(value)}'\n"
        for name, value in {**SERVER_SETTINGS, **cluster.settings, **doors}.items()
    ]
    _write(cluster.folder.data / "postgresql.conf", "".join(lines), cluster.account)
    _write(
        cluster.folder.data / "pg_hba.conf", "local all all peer map=register\n", cluster.account
    )
    callers = sorted({cluster.account.name, pwd.getpwuid(0).pw_name})
    roles = ("all",) if cluster.programs.major >= MAP_KNOWS_ALL_FROM_MAJOR else ROLES_BEFORE_16
    identities = [f'register "{caller}" {role}\n' for caller in callers for role in roles]
    _write(cluster.folder.data / "pg_ident.conf", "".join(identities), cluster.account)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


def _write(path: Path, text: str, account: Account) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open_closed_file(unfinished, account) as file:
        file.write(text.encode())
    unfinished.rename(path)
