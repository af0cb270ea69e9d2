"""Nothing is used that the oldest Python we name does not have: 3.11.0, and Debian's 3.11.2.

mypy knows what came with 3.12 and later where it knows the types. It knows nothing of what came
with a patch release (the filters of `tarfile`: 3.11.4), and nothing of values of any type. So the
names are looked for as they are written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in ("registry", "projections", "api", "scripts", "tests")
    for path in (ROOT / folder).rglob("*.py")
)

# Arguments by name: what is called, the argument, since when.
ARGUMENTS = {
    ("extractall", "filter"): "3.11.4",
    ("extract", "filter"): "3.11.4",
    ("unpack_archive", "filter"): "3.11.4",
    ("parseaddr", "strict"): "3.11.10",
    ("getaddresses", "strict"): "3.11.10",
    ("rmtree", "onexc"): "3.12",
    ("NamedTemporaryFile", "delete_on_close"): "3.12",
    ("relative_to", "walk_up"): "3.12",
    ("glob", "case_sensitive"): "3.12",
    ("rglob", "case_sensitive"): "3.12",
    ("rglob", "recurse_symlinks"): "3.13",
    ("glob", "recurse_symlinks"): "3.13",
    ("copytree", "preserve_metadata"): "3.14",
}
# Attributes and imported names; only such as nothing else is called.
NAMES = {
    "tar_filter": "3.11.4",
    "data_filter": "3.11.4",
    "fully_trusted_filter": "3.11.4",
    "extraction_filter": "3.11.4",
    "FilterError": "3.11.4",
    "OutsideDestinationError": "3.11.4",
    "LinkOutsideDestinationError": "3.11.4",
    "AbsoluteLinkError": "3.11.4",
    "SpecialFileError": "3.11.4",
    "SetReparseDeferralEnabled": "3.11.9",
    "GetReparseDeferralEnabled": "3.11.9",
    "batched": "3.12",
    "sumprod": "3.12",
    "is_junction": "3.12",
    "from_uri": "3.13",
    "full_match": "3.13",
    "process_cpu_count": "3.13",
    "timerfd_create": "3.13",
    "QueueShutDown": "3.13",
    "PythonFinalizationError": "3.13",
}
MODULES = {"annotationlib": "3.14", "compression": "3.14", "concurrent.interpreters": "3.14"}


def too_new(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and Python of whatever a source uses that 3.11.2 does not have."""
    for node in ast.walk(ast.parse(source)):
        for name, since in (*of_call(node), *of_name(node)):
            yield getattr(node, "lineno", 0), name, since


def of_call(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)):
            for argument in node.keywords:
                since = ARGUMENTS.get((called, argument.arg or ""))
                if since is not None:
                    yield f"{called}({argument.arg}=)", since
        case _:
            pass


def of_name(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Attribute(attr=name) if name in NAMES:
            yield name, NAMES[name]
        case ast.ImportFrom(module=str(module), names=names) if module in MODULES:
            yield names[0].name, MODULES[module]
        case ast.ImportFrom(names=names):
            yield from ((one.name, NAMES[one.name]) for one in names if one.name in NAMES)
        case ast.Import(names=names):
            yield from ((one.name, MODULES[one.name]) for one in names if one.name in MODULES)
        case _:
            pass


def test_nothing_newer_than_the_oldest_python_is_used() -> None:
    assert len(SOURCES) > 400
    found = [
        (str(path.relative_to(ROOT)), *one)
        for path in SOURCES
        for one in too_new(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "since"),
    [
        ("archive.extractall(folder, filter='data')", "3.11.4"),
        ("import tarfile\ntarfile.data_filter", "3.11.4"),
        ("from tarfile import OutsideDestinationError", "3.11.4"),
        ("from itertools import batched", "3.12"),
        ("shutil.rmtree(path, onexc=print)", "3.12"),
        ("import annotationlib", "3.14"),
    ],
)
def test_what_is_newer_is_found(source: str, since: str) -> None:
    assert [python for _, _, python in too_new(source)] == [since]
