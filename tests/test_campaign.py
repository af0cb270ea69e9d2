"""The campaign with a few kills, and that it would notice what is lost or doubled."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from scripts.campaigns.journal import Entry, Journal
from scripts.campaigns.judging import Found, doubled, lost

PROJECT = Path(__file__).parent.parent


def campaign(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scripts.campaigns", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_a_few_kills_lose_and_double_nothing() -> None:
    ended = campaign("kill", "--kills", "3", "--seed", "11")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == "seed 11"
    said = re.fullmatch(r"rounds (\d+) acknowledged (\d+) lost 0 doubled 0", lines[-1])
    assert said is not None, ended.stdout
    assert int(said[1]) == 3
    assert int(said[2]) > 3


def test_what_is_lost_or_doubled_is_found() -> None:
    found = Found(
        Counter({("award", "A"): 1, ("award", "B"): 2, ("decision", "1"): 1}),
        {"a", "b", "d", "i", "j"},
        {"i"},
    )
    entries = [
        Entry("award", "a", "A"),
        Entry("award", "b", "B"),
        Entry("award", "c", "A"),
        Entry("award", "a", "Z"),
        Entry("decision", "d", "1"),
        Entry("decision", "d", "2"),
        Entry("import", "i", "good", ("A", "B")),
        Entry("import", "i", "half", ("A", "C")),
        Entry("import", "j", "unfinished", ("A",)),
    ]
    assert lost(found, entries) == ["A", "Z", "2", "half", "unfinished"]
    assert doubled(found) == ["award B"]


def test_the_journal_gives_back_what_was_noted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    entries = [Entry("award", "1", "Giàng A"), Entry("import", "2", "a.csv", ("x", "y"))]
    for entry in entries:
        journal.note(entry)
    journal.close()
    assert journal.entries() == entries
    assert journal.count == 2


@pytest.mark.parametrize("wrong", [["flood"], ["kill", "--kills", "0"], ["kill", "--minutes", "0"]])
def test_what_is_no_campaign_is_refused(wrong: list[str]) -> None:
    assert campaign(*wrong).returncode == 2
