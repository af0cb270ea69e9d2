"""Why the HTTP edge itself turns a request away, one class per answer that a client gets.

Rules of the register are `registry.errors.Rejected` and never appear here. Like all errors of
this program each carries a stable `code` and parameters; sentences are in `registry.messages`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class BadRequest(RegistryError):  # noqa: N818 - named for the answer, like its siblings
    """The request cannot be understood."""


class NotSignedIn(RegistryError):  # noqa: N818
    """No token, or none that is good."""


class NotAllowed(RegistryError):  # noqa: N818
    """The user may not do this."""


class Outdated(RegistryError):  # noqa: N818
    """The record is not at the version that the client named in If-Match."""


class TooLarge(RegistryError):  # noqa: N818
    """The body is larger than this address takes."""


class TooSlow(RegistryError):  # noqa: N818
    """The request did not arrive in time."""


class TooManyRequests(RegistryError):  # noqa: N818
    """The client has asked too often."""


class Busy(RegistryError):  # noqa: N818
    """There is no room for more work now."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; `field` is its path in the body, as in `awards[3].form`."""

    field: str
    code: str
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


class InvalidBody(RegistryError):  # noqa: N818
    """Several fields of a body cannot be used, each for its own reason."""

    def __init__(self, problems: Sequence[FieldProblem], *, known_already: bool = False) -> None:
        super().__init__("body-invalid")
        self.problems = tuple(problems)
        self.known_already = known_already
