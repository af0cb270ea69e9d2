"""How a command line is read, carried out and ended, in the language of the settings.

Typer reads the arguments. What it would say itself, in English, is replaced: help by the texts
of the language, complaints by sentences of ours.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import typer
from typer.main import get_command

from registry.errors import RegistryError
from registry.settings import Language, Settings, read_settings
from scripts.command_line import declarations
from scripts.command_line.failures import (
    DONE,
    INTERRUPTED,
    UNUSABLE,
    report_refusal,
    report_unexpected,
    report_usage,
)
from scripts.command_line.help import translate
from scripts.command_line.session import Session
from scripts.command_line.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_TEXTS = (str, str | None, list[str], list[str] | None)
# The root of Typer's complaints about arguments has no public name of its own.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line; return the exit code."""
    as_json = "--json" in arguments
    language: Language = "en" if os.environ.get("SOVANG_LANG", "").lower() == "en" else "vi"
    home: Path | None = None
    try:
        settings = read_settings()
        home, language = settings.home, settings.language
        return _carry_out(settings, arguments)
    except RegistryError as error:
        return report_refusal(error, language, as_json=as_json)
    except UsageError as error:
        return _usage(error, language, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last net: kept with its trace
        return report_unexpected(error, home, language, as_json=as_json)


def _carry_out(settings: Settings, arguments: Sequence[str]) -> int:
    command = get_command(declarations.application)
    translate(command, settings.language)
    _take_texts_as_they_are(command)
    code = command.main(
        list(arguments), prog_name="sovang", standalone_mode=False, obj=Session(settings)
    )
    if code == INTERRUPTED:
        print(text("interrupted", settings.language), file=sys.stderr)
    return code if isinstance(code, int) else DONE


def _take_texts_as_they_are(command: Any) -> None:
    """Spare texts, and numbers that are defaults, the library that Typer has convert them.

    Loading it takes longer than most commands do. What was typed for a number or one of several
    words still goes that way, and so does what is no text at all.
    """
    for parameter in command.params:
        if parameter.type_descriptor.annotation in _TEXTS:
            parameter.get_runtime_param = partial(_AsItIs, parameter.get_runtime_param, str)
        elif parameter.type_descriptor.annotation is int:
            parameter.get_runtime_param = partial(_AsItIs, parameter.get_runtime_param, int)
    help_option = command.get_help_option

    def plain_help_option(context: Any) -> Any:
        option = help_option(context)
        option.get_runtime_param = partial(_AsItIs, option.get_runtime_param, bool)
        return option

    command.get_help_option = plain_help_option
    for child in getattr(command, "commands", {}).values():
        _take_texts_as_they_are(child)


class _AsItIs:
    """Takes values of a type as they are; others are Typer's to convert or refuse."""

    def __init__(self, others: Callable[[], Any], kind: type) -> None:
        self._others = others
        self._kind = kind

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value that the command is given."""
        if param.nargs == -1 and isinstance(value, tuple):
            if all(self._is_plain(one) for one in value):
                return list(value)
        elif value is None or self._is_plain(value):
            return value
        return self._others().coerce(value, param=param, ctx=ctx)

    def _is_plain(self, value: Any) -> bool:
        # What the terminal sent in another encoding than its own is no text.
        return type(value) is self._kind and str(value).isprintable()


def _usage(error: Any, language: Language, *, as_json: bool) -> int:
    """Say what is wrong with the arguments, and where help is."""
    kind, reason, context = type(error).__name__, str(error), error.ctx
    if kind == "NoArgsIsHelpError":
        print(reason)
        return UNUSABLE
    code, name = "usage.other", ""
    if kind == "MissingParameter":
        code, name = "usage.missing", _parameter_name(error)
    elif kind == "BadParameter":
        code, name = "usage.bad-value", _parameter_name(error)
        reason = _wanted(error.param) or reason
    elif kind == "NoSuchOption":
        code, name = "usage.unknown-option", error.option_name
    elif reason.startswith("No such command "):
        code, name = "usage.unknown-command", reason.split("'")[1]
    command = context.command_path if context is not None else "sovang"
    sentence = text(code, language, name=name, command=command, reason=reason)
    return report_usage(sentence, as_json=as_json)


def _wanted(parameter: Any) -> str:
    """What a parameter takes, where the list is closed."""
    choices = parameter.type_descriptor.choices if parameter is not None else None
    return ", ".join(str(choice) for choice in choices or ())


def _parameter_name(error: Any) -> str:
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "?")
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name)
