"""How a command ends when it fails: a sentence, and an exit code.

0 done; 1 unexpected; 2 the input, the arguments or the settings cannot be used; 3 done in part;
4 a verification says no.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from registry.errors import (
    Conflict,
    CorruptFact,
    OutcomeUnknown,
    RegistryError,
    VerificationFailed,
)
from scripts.command_line.texts import text

if TYPE_CHECKING:
    from registry.settings import Language

DONE = 0
UNEXPECTED = 1
UNUSABLE = 2
DONE_IN_PART = 3
REFUTED = 4
INTERRUPTED = 130

_NOT_THE_CALLERS = (Conflict, CorruptFact, OutcomeUnknown)


def report_refusal(error: RegistryError, language: Language, *, as_json: bool) -> int:
    """Say why, naming the input or argument; return the exit code."""
    from registry.messages import describe  # noqa: PLC0415 - only when something is wrong

    sentence = describe(error.code, error.params, language)
    where = f"{error.field}: " if error.field else ""
    _report(error.code, where + sentence, as_json=as_json)
    if isinstance(error, VerificationFailed):
        return REFUTED
    return UNEXPECTED if isinstance(error, _NOT_THE_CALLERS) else UNUSABLE


def report_usage(sentence: str, *, as_json: bool) -> int:
    """Say what is wrong with the arguments; return the exit code."""
    _report("usage", sentence, as_json=as_json)
    return UNUSABLE


def report_unexpected(
    error: BaseException, home: Path | None, language: Language, *, as_json: bool
) -> int:
    """Keep the trace in a file and say which; return the exit code."""
    path = _keep_trace(error, home)
    sentence = text("unexpected", language, what=_one_line(error), path=path)
    _report("unexpected", sentence, as_json=as_json)
    return UNEXPECTED


def _report(code: str, sentence: str, *, as_json: bool) -> None:
    print(sentence, file=sys.stderr, flush=True)
    if as_json:
        document = {"error": {"code": code, "message": sentence}}
        print(json.dumps(document, ensure_ascii=False, indent=2))


def _one_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _keep_trace(error: BaseException, home: Path | None) -> Path:
    name = f"error-{os.urandom(4).hex()}.txt"
    content = "".join(traceback.format_exception(error))
    folders = [home / "logs"] if home is not None else []
    for folder in (*folders, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / name
            # A trace may quote what was typed: nobody else's business.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
        except OSError:
            continue
        return path
    return Path("-")
