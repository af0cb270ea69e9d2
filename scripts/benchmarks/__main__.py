"""`scripts/bench [NAME...] [--rows N] [--build DIR] [--json]`: run benchmarks, say the results."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from scripts.benchmarks.server import open_bench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.benchmarks.measuring import Bench, Result

BENCHMARKS: Mapping[str, str] = {
    "append": "scripts.benchmarks.appending",
    "import": "scripts.benchmarks.importing",
    "project": "scripts.benchmarks.projecting",
    "command": "scripts.benchmarks.commanding",
    "search": "scripts.benchmarks.searching",
    "seal": "scripts.benchmarks.sealing",
    "prove": "scripts.benchmarks.proving",
    "certificates": "scripts.benchmarks.printing",
    "certificates-signed": "scripts.benchmarks.signing",
    "verify": "scripts.benchmarks.verifying",
    "commands-http": "scripts.benchmarks.commanding_http",
    "start": "scripts.benchmarks.starting",
    "sheets": "scripts.benchmarks.sheets",
}


class Benchmark(Protocol):
    """A module that measures something."""

    def run(self, bench: Bench) -> list[Result]:
        """Measure; the results beside what they are compared with."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks named, or all of them."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if unknown := set(parsed.names) - set(BENCHMARKS):
        parser.error(f"no benchmark {min(unknown)}; there are {', '.join(BENCHMARKS)}")
    names = list(dict.fromkeys(parsed.names)) or list(BENCHMARKS)
    results: list[Result] = []
    with open_bench(parsed.rows, _say, build=parsed.build) as bench:
        for name in names:
            module = cast("Benchmark", import_module(BENCHMARKS[name]))
            results += module.run(bench)
    if parsed.json:
        print(json.dumps({"results": [one.as_json() for one in results]}, indent=2))
    else:
        _print_table(results)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rows", type=_rows, help="how large: rows, facts or commands")
    parser.add_argument(
        "--build", type=_checkout, metavar="DIR", help="another checkout to compare servers with"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    return parser


def _rows(typed: str) -> int:
    rows = int(typed)
    if rows < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return rows


def _checkout(typed: str) -> Path:
    folder = Path(typed).resolve()
    if not (folder / "scripts" / "command_line").is_dir():
        raise argparse.ArgumentTypeError("a checkout of this program")
    return folder


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _print_table(results: Sequence[Result]) -> None:
    from rich.console import Console  # noqa: PLC0415 - not with --json
    from rich.table import Table  # noqa: PLC0415

    table = Table("name", "value", "unit", "", "baseline", "ratio", box=None, pad_edge=False)
    for column in (1, 3, 5):
        table.columns[column].justify = "right"
    for one in results:
        values = (f"{one.value:,.1f}", one.unit, f"{one.baseline_value:,.1f}", one.baseline)
        table.add_row(one.name, *values, f"{one.ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
