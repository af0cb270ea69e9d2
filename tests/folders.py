"""Folders that the database server's own account can enter, whoever runs the tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server_folder() -> Iterator[Path]:
    """A short path for a server's data, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="sv-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)  # noqa: S103, PTH101
        yield Path(folder) / "postgres"
