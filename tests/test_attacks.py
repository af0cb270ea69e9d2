"""What an attacker on the database does, and what finds it: every "nothing" has become somebody.

A sealed register is made once; each attack is done to a copy of it, with a copy of its home. Then
everybody who could notice is asked: the start of any command, `log check`, whoever seals, whoever
keeps the registers. The table says who must, and with which code.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from projections import ledger, sampling
from projections.background import Task
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.award import RecordAward
from registry.codec import encode_facts
from registry.database import make_database, open_database
from registry.erasure import ErasePerson
from registry.errors import RegistryError
from registry.fact import Authorship, Fact
from registry.identifiers import new_id
from registry.personal import Clear
from registry.proofs.checkpoints import cosign, parse_checkpoint
from registry.recipient import Person, Recipient
from registry.rules import Source
from registry.settings import Settings
from registry.user import AddUser, UserAdded
from scripts.command_line.application import run
from tests import made_keys as made
from tests.api_house import open_house
from tests.command_shell import Shell
from tests.made_log import sequencer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.database import Database
    from registry.embedded import EmbeddedPostgres

AUTHOR = Authorship("can-bo-thu", "Sở Nội vụ tỉnh Lào Cai", request="yeu-cau-1", request_digest="x")
PERSON = UUID("01939bd7-3a5e-7c00-8000-0000000000e1")
ERASED = UUID("01939bd7-3a5e-7c00-8000-0000000000e2")


@dataclass
class Victim:
    """A copy of the register, to be attacked: its database, its home, a shell for it."""

    url: str
    home: Path
    shell: Shell

    @property
    def settings(self) -> Settings:
        return Settings(self.home, self.url)

    def tamper(self, *statements: LiteralString) -> None:
        """As somebody who owns the database: no trigger asks him, no constraint binds him."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                assert connection.execute(statement).rowcount > 0, statement

    def plant(self, role: str) -> None:
        """Insert a user that nobody added, as the head's own trigger lets anybody do."""
        with open_database(self.settings, doubted=True) as database:
            registry = database.registry()
            event = UserAdded("Kẻ Lạ", "leader", AUTHOR.office)
            fact: Fact[Any] = Fact(new_id(), 1, 0, registry.clock(), AUTHOR, event)
            (stored,) = encode_facts([fact], registry.keyring.sealer(()))
            conninfo = database.conninfo("writer") if role == "writer" else self.url
            with psycopg.connect(conninfo) as connection:
                connection.execute(
                    "INSERT INTO log.facts (notification_id, originator_id, originator_version,"
                    " topic, state) SELECT position + 1, %s, 1, %s, %s FROM log.head",
                    (stored.originator_id, stored.topic, stored.state),
                )

    # Who may notice ---------------------------------------------------------------------------

    def start(self) -> str | None:
        """The code with which any command is refused; None if it begins."""
        try:
            with open_database(self.settings):
                return None
        except RegistryError as error:
            return error.code

    def check(self, *options: str) -> set[str]:
        """The codes of what `log check` finds; its exit code fits them."""
        ended = self.shell("log", "check", "--json", *options)
        codes = {finding["code"] for finding in ended.answer["findings"]}
        assert ended.code == (4 if codes else 0)
        for finding in ended.answer["findings"]:
            assert finding["message"] != finding["code"]
        return codes

    def sealing(self) -> str | None:
        """The code with which the sequencer stops; None if it goes on."""
        with open_database(self.settings, doubted=True) as database:
            sealing = sequencer(database)
            try:
                sealing.seal_all()
            except RegistryError as error:
                return error.code
            finally:
                sealing.close()
        return None

    def registers(self) -> set[str]:
        """The codes with which registers stand still."""
        with open_database(self.settings, doubted=True) as database:
            runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
            runner.catch_up()
            runner.close()
            with database.pool("reader").connection() as connection:
                failures = [one.failure for one in ledger.status(connection.cursor())]
        return {failure.code for failure in failures if failure is not None}


def an_award(subject: UUID, name: str) -> RecordAward:
    residence = Clear(str(subject), "residence", "thôn Na Lo, xã Tà Chải")
    return RecordAward(
        Recipient("individual", name, (Person(subject, residence=residence),)),
        "ORD-KC-US",
        Source("golden-book"),
        number_typed="263 KT/HĐNN",
        issuer_typed="Hội đồng Nhà nước",
        awarded_on="1985",
        award_class="III",
    )


def fill(database: Database) -> None:
    registry = database.registry()
    leader = registry.create("user", AddUser("Trần Văn Thử", "leader", "Sở"), AUTHOR).stream_id
    again = Authorship(AUTHOR.actor, AUTHOR.office)
    registry.create("award", an_award(PERSON, "Giàng Seo Phử"), again)
    registry.create("award", an_award(ERASED, "Thào Seo Chứ"), again)
    command = ErasePerson(ERASED, "Đơn", again.actor, leader, 90)
    registry.execute("erasure", ERASED, command, again)


@pytest.fixture(scope="module")
def sealed(
    server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The name of a database with a sealed log, and its home with an old kit and an old head."""
    folder = tmp_path_factory.mktemp("attacked")
    administrator = server.conninfo("postgres", "postgres")
    name = f"attacked_{os.getpid()}"
    make_database(administrator, name)
    url = server.conninfo(name, "postgres")
    home = folder / "home"
    with open_database(Settings(home, url)) as database:
        fill(database)
    command(url, home, "log", "checkpoint", out=folder / "old-head")
    command(url, home, "log", "export", str(folder / "old-kit"))
    shutil.copytree(home, folder / "old-home")
    old = f"{name}_old"
    make_database(administrator, old, template=name)
    command(url, home, "user", "add", "Lý Thị Thử", "--role", "clerk")
    command(url, home, "log", "checkpoint", out=folder / "head")
    command(url, home, "log", "export", str(folder / "kit"))
    command(url, home, "log", "check")
    yield name, folder
    with psycopg.connect(administrator, autocommit=True) as connection:
        for one in (name, old):
            statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(one))
            connection.execute(statement)


def command(url: str, home: Path, *arguments: str, out: Path | None = None) -> None:
    """Run a command in this process, which is quicker than a process of its own."""
    said, told = StringIO(), StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(said),
        redirect_stderr(told),
    ):
        patch.setenv("DATABASE_URL", url)
        patch.setenv("SOVANG_HOME", str(home))
        code = run(arguments)
    assert code == 0, (arguments, said.getvalue(), told.getvalue())
    if out is not None:
        out.write_text(said.getvalue())


@pytest.fixture
def victim(
    server: EmbeddedPostgres,
    sealed: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Victim]:
    with a_copy(server, sealed[0], sealed[1] / "home", tmp_path / "home") as url:
        yield Victim(url, tmp_path / "home", Shell(monkeypatch, capsys, tmp_path / "home", url))


class a_copy:  # noqa: N801 - used as a function
    """A copy of a database and of a home."""

    def __init__(self, server: EmbeddedPostgres, name: str, home: Path, to: Path) -> None:
        self._server = server
        self._name = f"{name}_copy"
        self._administrator = server.conninfo("postgres", "postgres")
        make_database(self._administrator, self._name, template=name)
        shutil.copytree(home, to)

    def __enter__(self) -> str:
        return self._server.conninfo(self._name, "postgres")

    def __exit__(self, *_: object) -> None:
        with psycopg.connect(self._administrator, autocommit=True) as connection:
            statement = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(statement.format(sql.Identifier(self._name)))


CUT_FACTS: LiteralString = "DELETE FROM log.facts WHERE notification_id > 5"
COUNT_AGAIN: LiteralString = (
    "UPDATE log.head SET (position, facts, digest) = (SELECT max(notification_id), count(*),"
    " bit_xor(log.fact_digest(notification_id, originator_id, originator_version, topic, state))"
    " FROM log.facts)"
)


@dataclass(frozen=True)
class Attack:
    """What is done, and who must notice: the code of a refused start, codes of `log check`."""

    done: tuple[LiteralString, ...]
    check: frozenset[str]
    start: str | None = None


ATTACKS = {
    "a fact changed": Attack(
        (
            (
                "UPDATE log.facts SET state = convert_to(replace(convert_from(state, 'UTF8'),"
                " '1985', '1975'), 'UTF8') WHERE notification_id = 3"
            ),
        ),
        frozenset({"fact-unauthenticated", "fact-differs", "log-head-differs"}),
    ),
    "a fact and its mark taken away": Attack(
        ("UPDATE log.facts SET mark = NULL WHERE notification_id = 3",),
        frozenset({"fact-unauthenticated"}),
    ),
    "the tail cut": Attack(
        (CUT_FACTS,),
        frozenset({"fact-missing", "log-tail-missing", "log-head-differs"}),
        "log-tail-missing",
    ),
    "the tail cut and counted again": Attack(
        (CUT_FACTS, COUNT_AGAIN),
        frozenset({"fact-missing", "log-tail-missing", "register-ahead-of-log"}),
        "log-tail-missing",
    ),
    "the head's row changed": Attack(
        ("UPDATE log.head SET position = position + 1, facts = facts + 1",),
        frozenset({"log-head-differs"}),
        "log-head-differs",
    ),
    "the head's digest changed": Attack(
        ("UPDATE log.head SET digest = digest # 1",), frozenset({"log-head-differs"})
    ),
    "a person's key deleted": Attack(
        ("DELETE FROM log.subject_keys",), frozenset({"subject-key-missing"})
    ),
    "a key after the erasure": Attack(
        (
            (
                "INSERT INTO log.subject_keys SELECT '01939bd7-3a5e-7c00-8000-0000000000e2',"
                " wrapped FROM log.subject_keys LIMIT 1"
            ),
        ),
        frozenset({"subject-key-after-erasure"}),
    ),
    "a key of nobody": Attack(
        (
            (
                "INSERT INTO log.subject_keys SELECT '01939bd7-3a5e-7c00-8000-0000000000e9',"
                " wrapped FROM log.subject_keys LIMIT 1"
            ),
        ),
        frozenset({"subject-key-of-nobody"}),
    ),
    "a wrapped key changed": Attack(
        ("UPDATE log.subject_keys SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)",),
        frozenset({"subject-key-altered"}),
    ),
    "an award's names deleted": Attack(
        ("DELETE FROM log.claims WHERE kind = 'award'",), frozenset({"claim-missing"})
    ),
    "a request's name deleted": Attack(
        ("DELETE FROM log.claims WHERE kind = 'request'",), frozenset({"claim-missing"})
    ),
    "a name too many": Attack(
        (
            (
                "INSERT INTO log.claims SELECT sha256('x'::bytea), 'award', stream FROM log.claims"
                " LIMIT 1"
            ),
        ),
        frozenset({"claim-extra"}),
    ),
    "a name given to another": Attack(
        ("UPDATE log.claims SET stream = '01939bd7-3a5e-7c00-8000-0000000000e9'",),
        frozenset({"claim-wrong"}),
    ),
    "a name changed in a register": Attack(
        ("UPDATE awards.award SET name = 'Kẻ Lạ' WHERE name = 'Giàng Seo Phử'",),
        frozenset({"register-row-differs"}),
    ),
    "a row of a register deleted": Attack(
        ("DELETE FROM recipients.recipient",),
        frozenset({"register-row-missing"}),
    ),
    "a row added to a register": Attack(
        (
            (
                "INSERT INTO users.registered_user SELECT (jsonb_populate_record(u,"
                " jsonb_build_object('id', '01939bd7-3a5e-7c00-8000-0000000000e9'))).*"
                " FROM users.registered_user u LIMIT 1"
            ),
        ),
        frozenset({"register-row-extra"}),
    ),
    "a tile changed": Attack(
        ("UPDATE log.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)",),
        frozenset({"root-differs", "fact-differs"}),
    ),
    "tiles deleted": Attack(("DELETE FROM log.tiles",), frozenset({"tile-missing"})),
    # Another letter of base64, so that what is changed is read all the same.
    "a head's root changed": Attack(
        (
            (
                "UPDATE log.checkpoints SET note ="
                " set_byte(note, 25, CASE get_byte(note, 25) WHEN 65 THEN 66 ELSE 65 END)"
            ),
        ),
        frozenset({"log-differs-from-remembered"}),
        "log-differs-from-remembered",
    ),
    "every head deleted": Attack(
        ("DELETE FROM log.checkpoints",),
        frozenset({"log-not-sealed", "log-shorter-than-remembered"}),
        "log-shorter-than-remembered",
    ),
    "the newest head deleted": Attack(
        ("DELETE FROM log.checkpoints WHERE size = (SELECT max(size) FROM log.checkpoints)",),
        frozenset({"log-shorter-than-remembered"}),
        "log-shorter-than-remembered",
    ),
    "the key list deleted": Attack(
        ("DELETE FROM log.facts WHERE topic = 'key-list-published.v1'",),
        frozenset({"key-list-missing", "log-head-differs"}),
    ),
}


def test_what_nobody_touched_is_good(victim: Victim) -> None:
    assert (victim.start(), victim.check(), victim.sealing()) == (None, set(), None)
    assert victim.registers() == set()


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_found(victim: Victim, name: str) -> None:
    attack = ATTACKS[name]
    victim.tamper(*attack.done)
    assert victim.start() == attack.start
    assert attack.check <= victim.check()


@pytest.mark.parametrize("role", ["writer", "superuser"])
def test_a_planted_fact_is_found_by_everybody(victim: Victim, role: str) -> None:
    victim.plant(role)
    assert "fact-unauthenticated" in victim.check()
    assert victim.registers() == {"fact-unauthenticated"}
    assert victim.sealing() == "fact-unauthenticated"


# Rollback -----------------------------------------------------------------------------------


def test_a_log_put_back_to_an_earlier_head_is_refused(
    server: EmbeddedPostgres,
    sealed: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whole, consistent, every signature genuine: the database as it was a while ago."""
    name, folder = sealed
    with a_copy(server, f"{name}_old", folder / "home", tmp_path / "home") as url:
        home = tmp_path / "home"
        back = Victim(url, home, Shell(monkeypatch, capsys, home, url))
        assert back.start() == "log-shorter-than-remembered"
        assert back.check() == {"log-shorter-than-remembered"}
        for arguments in (
            ("find", "nguyen"),
            ("log", "export", str(tmp_path / "kit")),
            ("user", "add", "Ai", "--role", "clerk"),
        ):
            ended = back.shell(*arguments, "--json")
            assert ended.code == 4
            assert ended.answer["error"]["code"] == "log-shorter-than-remembered"
        # Where the home was put back too, what was printed still knows.
        shutil.copy(folder / "old-home" / "newest-head.json", home / "newest-head.json")
        assert back.start() is None
        assert back.check() == set()
        assert back.check("--checkpoint", str(folder / "head")) == {
            "since-larger",
            "since-head-missing",
        }
        assert back.check("--checkpoint", str(folder / "old-head")) == set()


def test_a_fork_is_refused(
    server: EmbeddedPostgres,
    sealed: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The office's own keys, another history: put back, and gone on with otherwise."""
    name, folder = sealed
    with a_copy(server, f"{name}_old", folder / "old-home", tmp_path / "home") as url:
        home = tmp_path / "home"
        fork = Victim(url, home, Shell(monkeypatch, capsys, home, url))
        for one in ("Một", "Hai"):
            assert fork.shell("user", "add", one, "--role", "clerk").code == 0
        assert fork.shell("log", "checkpoint").code == 0
        assert fork.shell("log", "export", tmp_path / "kit").code == 0
        assert fork.check("--checkpoint", str(folder / "head")) == {
            "since-forked",
            "since-head-missing",
        }
        since = fork.shell("audit", tmp_path / "kit", "--since", folder / "kit", "--json")
        assert since.code == 4
        assert {one["code"] for one in since.answer["findings"]} >= {"since-forked"}
        assert fork.shell("audit", tmp_path / "kit", "--since", folder / "old-kit").code == 0
        shutil.copy(folder / "home" / "newest-head.json", home / "newest-head.json")
        assert fork.start() == "log-differs-from-remembered"
        assert "log-differs-from-remembered" in fork.check()


@pytest.mark.parametrize("since", ["old-kit", "kit", "old-head", "head"])
def test_a_kit_goes_on_from_what_was_seen(
    victim: Victim, sealed: tuple[str, Path], since: str
) -> None:
    folder = sealed[1]
    ended = victim.shell("audit", folder / "kit", "--since", folder / since, "--json")
    assert (ended.code, ended.answer["findings"]) == (0, [])


def test_a_head_typed_from_paper_is_compared(
    victim: Victim, sealed: tuple[str, Path], tmp_path: Path
) -> None:
    lines = (sealed[1] / "old-head").read_text().split("\n")[:3]
    (tmp_path / "typed").write_text("\n".join(lines))
    assert victim.check("--checkpoint", str(tmp_path / "typed")) == set()
    lines[2] = "A" + lines[2][1:] if lines[2][0] != "A" else "B" + lines[2][1:]
    (tmp_path / "typed").write_text("\n".join(lines))
    assert victim.check("--checkpoint", str(tmp_path / "typed")) == {"since-forked"}
    (tmp_path / "typed").write_text("\n".join(["other/log", *lines[1:]]))
    assert victim.check("--checkpoint", str(tmp_path / "typed")) == {"since-other-log"}
    (tmp_path / "typed").write_text("no head")
    ended = victim.shell("log", "check", "--checkpoint", tmp_path / "typed", "--json")
    assert (ended.code, ended.answer["error"]["code"]) == (2, "checkpoint-unreadable")


def test_an_older_kit_is_no_newer_one(victim: Victim, sealed: tuple[str, Path]) -> None:
    folder = sealed[1]
    ended = victim.shell("audit", folder / "old-kit", "--since", folder / "kit", "--json")
    codes = {one["code"] for one in ended.answer["findings"]}
    assert (ended.code, codes) == (4, {"since-larger", "since-head-missing"})


def test_a_cosignature_added_or_taken_away_is_found(victim: Victim, tmp_path: Path) -> None:
    """A witness that no list names is a stranger; a line that was seen must stay."""
    with psycopg.connect(victim.url) as connection:
        found = connection.execute("SELECT size, note FROM log.checkpoints ORDER BY size DESC")
        size, note = found.fetchall()[0]
        line = cosign(parse_checkpoint(note)[0], "la.example", made.signer("witness"), made.NOW)
        connection.execute(
            "INSERT INTO log.cosignatures VALUES (%s, 'la.example', %s)", (size, str(line))
        )
    assert victim.check() == {"signature-unknown"}
    assert victim.shell("log", "export", tmp_path / "before").code == 0
    victim.tamper("DELETE FROM log.cosignatures")
    assert victim.shell("log", "export", tmp_path / "after").code == 0
    ended = victim.shell("audit", tmp_path / "after", "--since", tmp_path / "before", "--json")
    assert (ended.code, [one["code"] for one in ended.answer["findings"]]) == (
        4,
        ["since-signature-missing"],
    )
    assert ended.answer["findings"][0]["name"] == "la.example"


# A sample -----------------------------------------------------------------------------------


def test_a_sample_finds_a_changed_row_and_a_deleted_one(victim: Victim) -> None:
    """The log is short enough for a sample to hold all of it."""
    assert victim.check("--sample") == set()
    victim.tamper("UPDATE awards.award SET name = 'Kẻ Lạ' WHERE name = 'Giàng Seo Phử'")
    assert victim.check("--sample") == {"register-row-differs"}
    victim.tamper("DELETE FROM awards.award WHERE name = 'Kẻ Lạ'")
    assert "register-row-missing" in victim.check("--sample")


def test_a_server_samples_and_ready_tells(victim: Victim) -> None:
    with open_database(victim.settings) as database:
        assert sampling.sample(database) == ()
        victim.tamper("UPDATE awards.award SET name = 'Kẻ Lạ' WHERE name = 'Giàng Seo Phử'")
        task = Task("registers sample")
        with task.running(partial(sampling.follow, database, task)):
            for _ in range(600):
                if database.row_faults:
                    break
                time.sleep(0.1)
        assert database.row_faults == ("register-row-differs",)
        with open_house(database) as house:
            answer = house.get("/health/ready")
            assert answer.status_code == 503
            assert answer.json()["row_faults"] == ["register-row-differs"]


# With the tail cut --------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [(CUT_FACTS,), (CUT_FACTS, COUNT_AGAIN)])
def test_a_check_waits_for_nobody_and_says_the_cause(
    victim: Victim, tmp_path: Path, cut: tuple[LiteralString, ...]
) -> None:
    victim.tamper(*cut)
    checked = victim.shell("log", "check", "--json")
    assert checked.code == 4
    first = next(one for one in checked.answer["findings"] if one["code"] == "log-tail-missing")
    assert first["position"] == 6
    exported = victim.shell("log", "export", tmp_path / "kit", "--json")
    assert (exported.code, exported.answer["error"]["code"]) == (4, "log-tail-missing")
    assert not (tmp_path / "kit").exists()


def test_a_check_seals_and_mends_nothing(victim: Victim) -> None:
    """What is checked is what was there: unsealed facts stay so, registers stay where they are."""
    assert victim.shell("user", "add", "Sùng A", "--role", "clerk").code == 0
    before = victim.shell("log", "status", "--json").answer
    assert before["sealed"]["unsealed"] == 1
    victim.tamper("DELETE FROM projection.ledger WHERE name = 'users'")
    assert victim.check() == set()
    assert victim.shell("log", "status", "--json").answer["sealed"]["unsealed"] == 1
    with psycopg.connect(victim.url) as connection:
        found = connection.execute("SELECT FROM projection.ledger WHERE name = 'users'")
        assert found.fetchone() is None
