"""A person is erased: what was sealed is gone, what was proved stays proved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg
import pytest

from projections import sealed_log
from projections.sealed_archive import DatabaseArchive, one_moment
from registry import erasure
from registry.award import RecordAward
from registry.catalogue import load_catalogue
from registry.codec import event_name
from registry.erasure import Erased, ErasePerson, PersonErased
from registry.errors import Rejected
from registry.fact import Authorship, World
from registry.personal import Clear, Sealed
from registry.proofs.auditing import audit
from registry.proofs.proof_files import parse_proof, verify_proof
from registry.recipient import Person, Recipient
from registry.rules import Source
from registry.user import AddUser, Disabled, DisableUser, Role, UserAdded
from scripts.command_line import erased_keys
from tests import made_keys as made
from tests.command_shell import Shell
from tests.conftest import TEST_KEY
from tests.made_log import publish_list, sequencer
from tests.test_proofs_keys import refusal

if TYPE_CHECKING:
    from registry.database import Database
    from registry.embedded import EmbeddedPostgres
    from registry.register import Registry

PERSON = UUID("01939bd7-3a5e-7c00-8000-0000000000e1")
CONSENTS = uuid4()
ADDRESS = "xã Bản Cái, tỉnh Lào Cai"


# Rules --------------------------------------------------------------------------------------


def command(**changes: Any) -> ErasePerson:
    values: dict[str, Any] = {
        "subject": PERSON,
        "reason": "Đơn đề nghị",
        "asked_by": "quản trị",
        "consents": CONSENTS,
        "backup_days": 90,
    }
    return ErasePerson(**values | changes)


def world(name: str = "Trần Văn Thử", role: Role = "leader") -> World:
    from registry.user import Active  # noqa: PLC0415 - only here

    return World(load_catalogue(), {CONSENTS: Active(UserAdded(name, role, "Sở Nội vụ"))})


def test_two_people_erase_a_person() -> None:
    (event,) = erasure.decide(erasure.INITIAL, command(), world()).events
    assert event == PersonErased(PERSON, "Đơn đề nghị", "Trần Văn Thử", 90)
    after = erasure.evolve(erasure.INITIAL, event)
    assert refusal(lambda: erasure.decide(after, command(), world())) == "person-erased-already"


@pytest.mark.parametrize(
    ("changes", "seen", "code"),
    [
        ({"reason": " "}, world(), "reason-missing"),
        ({"backup_days": -1}, world(), "value-out-of-range"),
        ({}, world(name="quản trị"), "consent-of-another-needed"),
        ({}, world(role="clerk"), "consent-role-unfit"),
        ({}, World(load_catalogue(), {CONSENTS: Disabled(UserAdded("A", "leader", "B"))}),
         "user-unknown"),
    ],
)  # fmt: skip
def test_an_erasure_without_basis_or_consent_is_refused(
    changes: dict[str, Any], seen: World, code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        erasure.decide(erasure.INITIAL, command(**changes), seen)
    assert caught.value.code == code


# A real register ----------------------------------------------------------------------------


@pytest.fixture
def award_id(registry: Registry, authorship: Authorship) -> UUID:
    residence = Clear(str(PERSON), "residence", ADDRESS)
    recorded = registry.create(
        "award",
        RecordAward(
            Recipient("individual", "Giàng Thị Mẩy", (Person(PERSON, residence=residence),)),
            "ORD-KC-US",
            Source("golden-book"),
            number_typed="263 KT/HĐNN",
            issuer_typed="Hội đồng Nhà nước",
            awarded_on="1985",
            award_class="III",
        ),
        authorship,
    )
    return recorded.stream_id


@pytest.fixture
def leader(registry: Registry, authorship: Authorship) -> UUID:
    return registry.create("user", AddUser("Trần Văn Thử", "leader", "Sở"), authorship).stream_id


def residence_of(registry: Registry, award_id: UUID) -> Clear | None:
    fact = registry.facts_of(award_id)[0]
    value = fact.event.recipient.persons[0].residence
    assert isinstance(value, Sealed)
    return registry.keyring.open(value, (award_id, 1, event_name(fact.event)))


def test_after_an_erasure_nothing_opens_and_every_proof_holds(
    database: Database, registry: Registry, authorship: Authorship, award_id: UUID, leader: UUID
) -> None:
    policy = publish_list(database)
    sealing = sequencer(database)
    sealing.seal_all()
    with database.pool("reader").connection() as connection:
        before = bytes(sealed_log.proof_of(connection.cursor(), database.marks, 1))
        entry = parse_proof(before).entry
    opened = residence_of(registry, award_id)
    assert opened is not None
    assert opened.value == ADDRESS
    registry.execute("erasure", PERSON, command(consents=leader), authorship)
    sealing.seal_all()
    sealing.close()
    assert residence_of(registry, award_id) is None
    assert registry.log.subject_keys([PERSON]) == {}
    assert isinstance(registry.load("erasure", PERSON).state, Erased)
    # The proof that somebody kept, and the one that is made now, are about the same leaf.
    assert verify_proof(parse_proof(before), policy).size == 3
    with database.pool("reader").connection() as connection:
        after = parse_proof(bytes(sealed_log.proof_of(connection.cursor(), database.marks, 1)))
    assert (after.entry, verify_proof(after, policy).size) == (entry, 4)
    with one_moment(database.conninfo("reader")) as connection:
        found = audit(DatabaseArchive(connection, database.marks), now=made.NOW)
    assert (found.findings, found.facts) == ([], 4)


def test_fact_and_key_go_together_or_not_at_all(
    database: Database, registry: Registry, authorship: Authorship, award_id: UUID, leader: UUID
) -> None:
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION log.destroy_keys FROM sovang_writer")
        assert (
            refusal(
                lambda: registry.execute("erasure", PERSON, command(consents=leader), authorship)
            )
            == "database-rights-missing"
        )
    assert registry.load("erasure", PERSON).version == 0
    assert residence_of(registry, award_id) is not None


def test_nobody_deletes_a_key_otherwise(database: Database, award_id: UUID) -> None:
    assert award_id is not None
    with (
        database.pool("writer").connection() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM log.subject_keys")


def test_of_an_erased_person_no_new_value_is_taken(
    registry: Registry, authorship: Authorship, award_id: UUID, leader: UUID
) -> None:
    registry.execute("erasure", PERSON, command(consents=leader), authorship)
    again = RecordAward(
        Recipient(
            "individual",
            "Giàng Thị Mẩy",
            (Person(PERSON, residence=Clear(str(PERSON), "residence", "nơi khác")),),
        ),
        "ORD-KC-US",
        Source("golden-book"),
        number_typed="264 KT/HĐNN",
        issuer_typed="Hội đồng Nhà nước",
        awarded_on="1986",
        award_class="II",
    )
    # A new key would seem to be the lost one, and what it cannot open would seem altered.
    assert refusal(lambda: registry.create("award", again, authorship)) == "person-erased"
    assert residence_of(registry, award_id) is None


# At a shell ---------------------------------------------------------------------------------


@pytest.fixture
def shell(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Shell:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "personal.key").write_bytes(TEST_KEY)
    return Shell(monkeypatch, capsys, tmp_path, database.administrator)


def test_a_person_is_erased_at_a_shell(
    shell: Shell, registry: Registry, authorship: Authorship, award_id: UUID, leader: UUID
) -> None:
    basis = ("--basis", "Đơn ngày 2/3/2026", "--consent-by")
    for arguments, code in (
        ((str(award_id), *basis, "Không ai"), "user-unknown"),
        ((str(uuid4()), *basis, "Trần Văn Thử"), "person-unknown"),
        (("Giàng", *basis, "Trần Văn Thử"), "person-unknown"),
    ):
        refused = shell("erase", *arguments, "--json")
        assert (refused.code, refused.answer["error"]["code"]) == (2, code)
    said = shell("erase", str(award_id), *basis, "trần văn thử", "--backup-days", "30")
    assert said.code == 0, said.err
    assert "30 ngày" in said.err
    assert residence_of(registry, award_id) is None
    again = shell("erase", str(PERSON), *basis, "Trần Văn Thử", "--json")
    assert again.answer["error"]["code"] == "person-erased-already"
    registry.execute("user", leader, DisableUser("nghỉ việc"), authorship)
    shown = shell("show", str(award_id))
    assert ADDRESS not in shown.out


def test_no_file_of_the_database_holds_the_key_of_an_erased_person(  # noqa: PLR0917 - fixtures
    shell: Shell,
    database: Database,
    server: EmbeddedPostgres,
    registry: Registry,
    award_id: UUID,
    leader: UUID,
) -> None:
    assert registry.load("user", leader).version
    wrapped = registry.log.subject_keys([PERSON])[PERSON]
    with psycopg.connect(database.administrator, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    assert files_with(server.folder.data, wrapped)
    said = shell(
        "erase", str(award_id), "--basis", "Đơn ngày 2/3/2026", "--consent-by", "Trần Văn Thử",
        "--json",
    )  # fmt: skip
    assert said.code == 0, said.err
    assert said.answer["write_ahead_log_cleared"]
    assert files_with(server.folder.data, wrapped) == []
    with psycopg.connect(database.administrator) as connection:
        assert connection.execute("SHOW wal_recycle").fetchone() == ("on",)


def files_with(folder: Path, content: bytes) -> list[str]:
    """Names of the files below a folder that hold these bytes."""
    return [
        path.name for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()
    ]


def test_a_server_that_keeps_its_write_ahead_log_is_told_of(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bool:
        raise psycopg.errors.InsufficientPrivilege

    monkeypatch.setattr(erased_keys, "_segments", refuse)
    assert erased_keys.take_away_destroyed_keys(database.administrator) is False
    with psycopg.connect(database.administrator) as connection:
        assert connection.execute("SHOW wal_recycle").fetchone() == ("on",)
