"""Every error that the registry raises on purpose, one class per thing a caller does differently.

RegistryError
├── Rejected            a rule of the register says no; the caller corrects the input
│   └── AlreadyRecorded the same thing is in the register already; names the record that holds it
├── NotFound            no such record
├── Conflict            somebody else wrote first; the caller reads again and decides again
├── OutcomeUnknown      the connection broke while committing; the caller repeats the same request
├── CorruptFact         stored bytes are not what this program wrote; nobody may go on
├── VerificationFailed  a signature, proof or list does not hold; nobody may rely on it
└── NotReady            the database is not in a state to be used (not migrated, no rights, ...)

Each carries a stable kebab-case `code` and parameters; the sentences, in Vietnamese and
English, are in `registry.messages`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID


class RegistryError(Exception):
    """Root of all errors that the registry raises on purpose."""

    def __init__(self, code: str, *, field: str | None = None, **params: str | int | None) -> None:
        self.code = code
        self.field = field
        self.params = {name: value for name, value in params.items() if value is not None}
        super().__init__(code, field, self.params)

    def __str__(self) -> str:
        """Code, field and parameters: for logs, not for clerks."""
        where = f" [{self.field}]" if self.field else ""
        return f"{self.code}{where} {self.params}" if self.params else f"{self.code}{where}"


class Rejected(RegistryError):  # noqa: N818 - named for what happened, as the domain says it
    """A rule of the register says no."""


class AlreadyRecorded(Rejected):
    """The same thing is already recorded, in the stream `holder`."""

    def __init__(self, code: str, holder: UUID, **params: str | int | None) -> None:
        self.holder = holder
        super().__init__(code, field=None, holder=str(holder), **params)


class NotFound(RegistryError):  # noqa: N818
    """There is no such record."""


class Conflict(RegistryError):  # noqa: N818
    """Another writer changed a record between our reading and our writing."""


class OutcomeUnknown(RegistryError):  # noqa: N818
    """The connection broke during a commit: the facts may stand or not."""


class CorruptFact(RegistryError):  # noqa: N818
    """Stored bytes differ from anything this program could have written."""


class VerificationFailed(RegistryError):  # noqa: N818
    """A signature, a proof or a signed list does not hold; the code says why."""


class NotReady(RegistryError):  # noqa: N818
    """The database cannot be used as it is."""
