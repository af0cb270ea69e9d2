"""Who receives an award, as the decision prints it.

A recipient is one line of a decision: a person, a collective, a household, a family, or two
people who receive one award together. What the decision publishes stays plain (name, year of
birth, native place as printed, position, unit); everything else about a person is `Personal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args
from uuid import UUID

from registry.errors import Rejected
from registry.personal import Personal
from registry.rules import NAME_CHARACTERS_MAX, check_choice, check_date, check_text, require_text

if TYPE_CHECKING:
    from collections.abc import Iterator

RecipientKind = Literal["individual", "collective", "household", "family", "couple"]
Sex = Literal["male", "female"]
SEXES: tuple[Sex, ...] = get_args(Sex)

PERSONS_BY_KIND: dict[RecipientKind, tuple[int, int]] = {
    "individual": (1, 1),
    "couple": (2, 2),
    "household": (0, 1),
    "family": (0, 1),
    "collective": (0, 0),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person that a recipient line speaks of.

    `id` is random and never derived from a number of the person's. `name` is None where the
    recipient's own printed name is this person's. `born` is EDTF, a year at the most precise:
    the full date is personal.
    """

    id: UUID
    name: str | None = None
    sex: Sex | None = None
    born: str | None = None
    native_place: str | None = None
    birth_date: Personal | None = None
    residence: Personal | None = None
    identity_paper: Personal | None = None
    phone: Personal | None = None

    def personal_values(self) -> Iterator[Personal]:
        """The values about this person that must be sealed."""
        for value in (self.birth_date, self.residence, self.identity_paper, self.phone):
            if value is not None:
                yield value


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line of a decision: `name`, `honorific`, `position`, `unit` are as printed.

    `category` is one of the recipient categories of the yearly statistics, where known.
    """

    kind: RecipientKind
    name: str
    persons: tuple[Person, ...] = ()
    honorific: str | None = None
    position: str | None = None
    unit: str | None = None
    category: str | None = None


def check_recipient(recipient: Recipient) -> None:
    """Raise `Rejected` unless the recipient can be printed and its persons fit its kind."""
    require_text("name", recipient.name, NAME_CHARACTERS_MAX)
    check_text("honorific", recipient.honorific, NAME_CHARACTERS_MAX)
    check_text("position", recipient.position)
    check_text("unit", recipient.unit)
    check_text("category", recipient.category)
    least, most = PERSONS_BY_KIND[recipient.kind]
    if not least <= len(recipient.persons) <= most:
        raise Rejected("persons-do-not-fit-kind", field="persons", kind=recipient.kind)
    for person in recipient.persons:
        check_person(person)


def check_person(person: Person) -> None:
    """Raise `Rejected` unless a person's values can be printed and are that person's own."""
    check_text("person.name", person.name, NAME_CHARACTERS_MAX)
    check_text("person.native_place", person.native_place)
    if person.sex is not None:
        check_choice("person.sex", person.sex, SEXES)
    born = check_date("person.born", person.born)
    if born is not None and born.precision != "year":
        # The full date is personal: it may only come sealed, in `birth_date`.
        raise Rejected("birth-date-in-the-clear", field="person.born")
    subject = str(person.id)
    for value in person.personal_values():
        if value.subject != subject:
            raise Rejected("personal-value-of-another", field=value.kind)
