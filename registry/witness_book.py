"""What a witness has seen, kept in files: one for each log, written before anything is said.

    STATE/witness-9eeeab1b.key, passphrase     the witness's own key
    STATE/seen/SHA256-OF-ORIGIN                the last head cosigned: origin, size, root, note
    STATE/origins                              the logs that were ever cosigned, one a line

A witness whose memory is gone would let a second history pass: a key without the folder of what
was seen, and a log that was cosigned without its file, are refused.

What is true if we die: the file is replaced and flushed before the cosignature leaves, so the
witness may have seen a head that it never cosigned, and never the other way round.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from registry.durable_files import flush_folder, replace_file
from registry.errors import NotReady
from registry.key_set import KeySet, make_key_folder, read_passphrase
from registry.proofs.merkle import HASH_BYTES
from registry.proofs.witnessing import Seen, Witness

if TYPE_CHECKING:
    from registry.proofs.keys import Signer

_SEEN: Final = "seen"
_ORIGINS: Final = "origins"


class WitnessBook:
    """The memory of one witness; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _SEEN
        self._origins = folder / _ORIGINS
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def answer(self, witness: Witness, request: bytes, now: int) -> str:
        """Judge a request and remember it; the line to give away. Raises `WitnessRefusal`."""
        origin = witness.origin_of(request)
        with self._locked():
            seen, line = witness.judge(request, self.seen(origin), now)
            self._keep(origin, seen)
        return line

    def seen(self, origin: str) -> Seen:
        """The last head of a log that was cosigned. Raises `NotReady` for a spoilt file."""
        path = self._path(origin)
        try:
            kept = json.loads(path.read_bytes())
            if kept["origin"] != origin:
                raise NotReady("witness-state-spoilt", path=str(path))
            size, root = kept["size"], bytes.fromhex(kept["root"])
            if type(size) is not int or size < 0 or len(root) != HASH_BYTES:
                raise NotReady("witness-state-spoilt", path=str(path))
            # Files from before notes were kept have none.
            return Seen(size, root, kept.get("note", "").encode())
        except FileNotFoundError as error:
            if origin in self._cosigned():
                raise NotReady("witness-state-spoilt", path=str(path)) from error
            return Seen()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # To begin anew would let a second history pass.
            raise NotReady("witness-state-spoilt", path=str(path)) from error

    def _keep(self, origin: str, seen: Seen) -> None:
        kept = {
            "origin": origin,
            "root": seen.root.hex(),
            "size": seen.size,
            "note": seen.note.decode(),
        }
        replace_file(self._path(origin), json.dumps(kept).encode())
        cosigned = self._cosigned()
        if origin not in cosigned:
            # Behind the memory itself: a log that is named here has a file.
            lines = [*cosigned, origin]
            replace_file(self._origins, "".join(f"{one}\n" for one in lines).encode())

    def _cosigned(self) -> list[str]:
        """Logs of which a head was cosigned."""
        try:
            return self._origins.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _path(self, origin: str) -> Path:
        return self._folder / origin_hash(origin)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One request at a time: size and root are compared and replaced together."""
        with (self._folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def origin_hash(origin: str) -> str:
    """A log's name where its origin could not stand: in a path."""
    return sha256(origin.encode()).hexdigest()


def witness_signer(folder: Path) -> Signer:
    """The witness's key; made at first use, with a passphrase beside it and an empty memory.

    Raises `NotReady` where one of key and memory is there and the other missing.
    """
    found = sorted(folder.glob("witness-*.key"))
    seen, passphrase = folder / _SEEN, folder / "passphrase"
    if found:
        if not seen.is_dir():
            raise NotReady("witness-state-missing", path=str(seen))
        return KeySet(folder, read_passphrase(passphrase)).open_file(found[0])
    if seen.is_dir() and any(not path.name.startswith(".") for path in seen.iterdir()):
        raise NotReady("witness-key-missing", path=str(folder))
    # The memory first: a key without one has lost it.
    seen.mkdir(mode=0o700, parents=True, exist_ok=True)
    flush_folder(folder)
    if passphrase.is_file():
        return KeySet(folder, read_passphrase(passphrase)).make("witness")
    return make_key_folder(folder).make("witness")
