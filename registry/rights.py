"""Who may do what: one table of acts, roles and units; nothing else in the program decides it.

A row is an act: a command of the register, or a kind of reading. A cell says how far a role goes:

    -       not at all
    own     records of the user's own unit
    under   those, and where the user's unit is the superior one those of every other unit
    any     records of every unit

A record is of the unit that recorded it first; what is recorded for a unit that has been renamed
or merged is its successor's (`registry.law.successions`). What is new is of its author's unit.

Whoever is not signed in is `nobody`. Commands at a shell have no role: whoever has the shell has
the machine. Where such a command names a user, that user's role is judged here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, get_args

from registry.law.successions import successor_of
from registry.text import comparison_key
from registry.user import Role

Reach = Literal["-", "own", "under", "any"]
Kind = Literal["write", "print", "read"]
Relation = Literal["own", "under", "other"]
Asker = Role | Literal["nobody"]

ASKERS: Final[tuple[Asker, ...]] = (*get_args(Role), "nobody")
# Under these names a shell and the sample register record: they are no units.
NO_UNITS: Final = frozenset({"sovang", "Sổ Vàng"})

_HEADINGS: Final = ("clerk", "verifier", "leader", "auditor", "operator", "nobody")

# Clerks record for their unit. A verifier appraises: finds, compares, confirms, and decides
# nothing. What takes something away from a person or ends an artifact is a leader's. An auditor
# reads everything and writes nothing. An operator keeps the machine, not the register.
# What was entered by mistake is taken back by the unit that entered it, whoever stands above it.
_WRITING: Final = """
register-decision       any    -      any    -    -    -
correct-decision        own    -      under  -    -    -
cancel-decision         -      -      under  -    -    -
record-award            own    -      under  -    -    -
correct-award           own    -      under  -    -    -
cancel-award            -      -      under  -    -    -
strip-title             -      -      under  -    -    -
restore-award           -      -      under  -    -    -
decline-award           own    -      under  -    -    -
note-verdict            own    -      under  -    -    -
withdraw-award          own    -      own    -    -    -
withdraw-decision       own    -      own    -    -    -
withdraw-delivery       own    -      own    -    -    -
withdraw-import         own    -      own    -    -    -
correct-delivery        own    -      under  -    -    -
confirm-doubts          -      under  under  -    -    -
issue-artifact          own    -      under  -    -    -
print-artifact          own    -      under  -    -    -
sign-certificate        own    -      under  -    -    -
deliver-artifact        own    -      under  -    -    -
return-artifact         own    -      under  -    -    -
surrender-artifact      own    -      under  -    -    -
move-artifact           own    -      under  -    -    -
hand-back-artifact      own    -      under  -    -    -
change-holder           own    -      under  -    -    -
report-found            own    -      under  -    -    -
exchange-artifact       own    -      under  -    -    -
reissue-artifact        own    -      under  -    -    -
replace-artifact        own    -      under  -    -    -
recall-artifact         own    -      under  -    -    -
recover-artifact        own    -      under  -    -    -
give-up-artifact        own    -      under  -    -    -
archive-artifact        own    -      under  -    -    -
destroy-artifact        -      -      under  -    -    -
import-sheet            any    -      any    -    -    -
open-case               any    -      any    -    -    -
identify-award          own    under  under  -    -    -
check-archive           own    under  under  -    -    -
confirm-award           own    under  under  -    -    -
report-decision-error   own    under  under  -    -    -
ask-supplement          own    -      under  -    -    -
receive-supplement      own    -      under  -    -    -
take-back-case          own    -      under  -    -    -
receive-result          own    -      under  -    -    -
suspend-case            own    -      under  -    -    -
resume-case             own    -      under  -    -    -
transfer-case           own    -      under  -    -    -
accept-correction       own    -      under  -    -    -
prioritize-case         own    -      under  -    -    -
close-case              own    -      under  -    -    -
reopen-case             own    -      under  -    -    -
send-batch              own    -      under  -    -    -
open-stock-item         any    -      any    -    -    -
receive-stock           any    -      any    -    -    -
move-stock              any    -      any    -    -    -
allocate-stock          any    -      any    -    -    -
return-stock            any    -      any    -    -    -
spoil-stock             any    -      any    -    -    -
count-stock             any    -      any    -    -    -
destroy-stock           -      -      any    -    -    -
consent-to-erasure      -      any    any    -    -    -
decide-working-days     -      -      any    -    -    -
manage-keys             -      -      -      -    -    -
manage-users            -      -      -      -    -    -
"""
_PRINTING: Final = """
print-certificates      own    -      under  -    -    -
read-print-job          own    under  under  any  -    -
read-paper              own    under  under  any  -    -
read-blanks             any    any    any    any  -    -
"""
_READING: Final = """
read-open               any    any    any    any  any  any
read-public             any    any    any    any  any  any
read-register           any    any    any    any  any  -
read-history            any    any    any    any  any  -
read-sealed             own    under  under  any  -    -
read-signed             own    under  under  any  -    -
read-custody            any    any    any    any  -    -
read-duties             any    any    any    any  -    -
read-doubts             any    any    any    any  -    -
read-cases              any    any    any    any  -    -
read-stock              any    any    any    any  -    -
read-reports            any    any    any    any  -    -
read-import             own    under  under  any  -    -
read-operations         -      -      -      any  any  -
"""


@dataclass(frozen=True, slots=True)
class Act:
    """A row of the table."""

    name: str
    kind: Kind
    reach: Mapping[Asker, Reach]


def _rows(kind: Kind, table: str) -> dict[str, Act]:
    cells = {line.split()[0]: line.split()[1:] for line in table.strip().splitlines()}
    return {
        name: Act(name, kind, dict(zip(_HEADINGS, reach, strict=True)))  # type: ignore[arg-type]
        for name, reach in cells.items()
    }


ACTS: Final[Mapping[str, Act]] = {
    **_rows("write", _WRITING),
    **_rows("print", _PRINTING),
    **_rows("read", _READING),
}


def reach_of(act: str, asker: Asker) -> Reach:
    """How far a role goes with an act. Raises `KeyError` for an act that has no row."""
    return ACTS[act].reach[asker]


def allows(act: str, asker: Asker, relation: Relation) -> bool:
    """Whether a role may do an act on a record of a unit that is so related to its own."""
    match reach_of(act, asker):
        case "-":
            return False
        case "own":
            return relation == "own"
        case "under":
            return relation != "other"
        case "any":
            return True


def roles_with(act: str) -> frozenset[Role]:
    """The roles that may do an act at least for their own unit."""
    return frozenset(role for role in get_args(Role) if reach_of(act, role) != "-")


@dataclass(frozen=True, slots=True)
class Units:
    """How units stand to each other; `superior` is the one above all others, if there is one."""

    superior: str | None = None

    def relation(self, own: str, other: str, on: date) -> Relation:
        """How the unit of a record stands to somebody's own, on a day.

        What was recorded for no unit is the superior one's; without such it is everybody's, for
        a register in which nobody names units must work.
        """
        mine = comparison_key(own)
        if mine in {comparison_key(other), _today(other, on)}:
            return "own"
        superior = comparison_key(self.superior) if self.superior else None
        if superior is None:
            return "own" if other in NO_UNITS else "other"
        return "under" if mine == superior else "other"


@lru_cache(maxsize=1_024)
def _today(unit: str, on: date) -> str:
    """The unit that stands for one today, as it is compared; itself where several might."""
    found = successor_of(unit, on)
    if any(remark.code == "successor-ambiguous" for remark in found.remarks):
        return comparison_key(unit)
    return comparison_key(found.name)
