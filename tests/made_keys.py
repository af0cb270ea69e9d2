"""Keys and key lists for tests: every secret follows from its name, so that runs are alike."""

from __future__ import annotations

from hashlib import sha256

from registry.proofs.key_list import KeyList, ListedKey, sign_key_list
from registry.proofs.keys import Algorithm, Purpose, Signer, make_signer
from registry.proofs.notes import plain_key

LOG = "sovang.test/2026"
BEGINNING = 1_750_000_000
END = 1_950_000_000
NOW = 1_800_000_000
ROOTS = ("root-1.test", "root-2.test", "root-3.test")


def secret_of(name: str) -> bytes:
    return sha256(name.encode()).digest()


def signer(name: str, use: Purpose = "issue", algorithm: Algorithm | None = None) -> Signer:
    return make_signer(use, secret_of(name), algorithm)


def listed(made: Signer, **changes: int) -> ListedKey:
    values = {"valid_from": BEGINNING, "valid_to": END, **changes}
    return ListedKey(made.use, made.algorithm, made.public, **values)


def root(name: str) -> tuple[str, Signer]:
    return name, signer(name, "root")


def key_list(version: int = 1, **changes: object) -> KeyList:
    values: dict[str, object] = {
        "version": version,
        "issued_at": NOW - 1_000,
        "expires_at": NOW + 1_000_000,
        "log": LOG,
        "trial": False,
        "keys": (listed(signer("issue")), listed(signer("log", "log"))),
        "roots": tuple(plain_key(*root(name)) for name in ROOTS),
        **changes,
    }
    return KeyList(**values)  # type: ignore[arg-type]


def signed(what: KeyList, *names: str) -> bytes:
    return sign_key_list(what, [root(name) for name in names or ROOTS[:2]])
