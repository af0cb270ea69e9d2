"""Every benchmark runs and says what it says in the form that was promised; speed is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.benchmarks.__main__ import BENCHMARKS
from scripts.benchmarks.measuring import Result, compare, percentile

PROJECT = Path(__file__).parent.parent
RESULTS = {
    "append": {"append"},
    "import": {"import", "import-memory"},
    "project": {"project", "project-one"},
    "command": {"command"},
    "search": {"search", "search-typing-error"},
    "seal": {"seal", "seal-stored"},
    "prove": {"prove"},
    "certificates": {"certificates"},
    "certificates-signed": {"certificates-signed"},
    "verify": {"verify", "verify-anew", "verify-facts"},
    "commands-http": {
        f"commands-http-{clients}{kind}" for clients in (1, 8, 32) for kind in ("", "-async")
    },
    "start": {"start", "start-find", "start-show"},
    "sheets": {"sheets-xls", "sheets-ods", "sheets-docx", "sheets-memory"},
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_says_value_baseline_and_ratio(name: str) -> None:
    command = [sys.executable, "-m", "scripts.benchmarks", name, "--rows", "30", "--json"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    results = json.loads(ended.stdout)["results"]
    assert {result["name"] for result in results} == RESULTS[name]
    for result in results:
        assert set(result) == {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
        assert result["value"] > 0
        assert result["baseline_value"] > 0
        assert result["ratio"] > 0


def test_another_build_is_measured_beside_this_one() -> None:
    command = [*(sys.executable, "-m", "scripts.benchmarks", "commands-http"), "--rows", "2"]
    ended = subprocess.run(
        [*command, "--build", str(PROJECT), "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found = {one["name"]: one for one in json.loads(ended.stdout)["results"]}
    for clients in (1, 8, 32):
        compared = found[f"commands-http-{clients}-build"]
        assert compared["value"] == found[f"commands-http-{clients}"]["value"]
        assert compared["baseline"] == f"the other build, {clients} clients"


def test_a_folder_that_is_no_build_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.benchmarks", "--build", str(tmp_path)]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "checkout" in ended.stderr


def test_an_unknown_benchmark_is_refused() -> None:
    command = [sys.executable, "-m", "scripts.benchmarks", "speed"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "search" in ended.stderr


def test_over_one_is_better_for_rates_and_for_times() -> None:
    assert Result("rate", 20.0, "rows/s", "library", 10.0).ratio == 2.0
    assert Result("time", 5.0, "ms", "library", 10.0, smaller_is_better=True).ratio == 2.0


def test_both_sides_take_turns_and_the_median_counts() -> None:
    turns: list[str] = []
    ours, theirs = iter([1.0, 9.0, 2.0]), iter([5.0, 4.0, 100.0])

    def measure_ours() -> float:
        turns.append("ours")
        return next(ours)

    def measure_theirs() -> float:
        turns.append("theirs")
        return next(theirs)

    assert compare(measure_ours, measure_theirs, rounds=3) == (2.0, 5.0)
    assert turns == ["ours", "theirs"] * 3


def test_the_percentile_is_of_the_values_in_order() -> None:
    assert percentile([float(value) for value in range(100, 0, -1)]) == 96.0
    assert percentile([3.0]) == 3.0
