"""Help in the language of the settings, laid out without the weight of a formatting library."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from scripts.command_line.texts import TEXTS, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from registry.settings import Language

LINE_COLUMNS_MAX = 100
LEFT_COLUMNS_MAX = 32


def translate(command: Any, language: Language, path: str = "") -> None:
    """Give a command and its subcommands their help; `path` is the words behind `sovang`."""
    command.help = text(f"help.{path or 'sovang'}", language)
    command.get_help = lambda context: help_text(command, context, language)
    for name, child in getattr(command, "commands", {}).items():
        translate(child, language, f"{path} {name}".strip())


def help_text(command: Any, context: Any, language: Language) -> str:
    """What `--help` prints for a command."""
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.get_params(context) if one.param_type_name == "option"]
    children = getattr(command, "commands", {})
    usage = [context.command_path]
    usage += [_placeholder(argument) for argument in arguments]
    usage += ["COMMAND"] if children else []
    lines = [f"{text('usage', language)}: {' '.join(usage)} [--…]", "", *_wrap(command.help, "  ")]
    sections = (
        ("panel.arguments", [(_placeholder(one), _help(one, language)) for one in arguments]),
        ("panel.options", [(_option(one), _help(one, language)) for one in options]),
        ("panel.commands", [(name, child.help) for name, child in children.items()]),
    )
    for title, rows in sections:
        if rows:
            lines += ["", f"{text(title, language)}:", *_table(rows)]
    return "\n".join(lines)


def _placeholder(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    choices = parameter.type_descriptor.choices
    if choices:
        return "|".join(str(choice) for choice in choices)
    return str(parameter.name).upper()


def _option(option: Any) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {_placeholder(option)}"


def _help(parameter: Any, language: Language) -> str:
    words = text(parameter.help, language) if parameter.help in TEXTS else ""
    choices = parameter.type_descriptor.choices
    # Where a placeholder stands for the choices, they are named behind.
    if choices and parameter.metavar:
        words += f" {text('choices', language)}: {', '.join(str(one) for one in choices)}."
    if parameter.name == "help":
        words = text("of.help", language)
    if parameter.param_type_name == "option" and parameter.required:
        words += f" [{text('required', language)}]"
    elif isinstance(parameter.default, str | int) and parameter.default not in ("", False):
        words += f" [{parameter.default}]"
    return words


def _table(rows: Sequence[tuple[str, str]]) -> Iterable[str]:
    left = min(LEFT_COLUMNS_MAX, max(len(name) for name, _ in rows) + 2)
    for name, words in rows:
        first, *others = _wrap(words, " " * (left + 2)) or [""]
        if len(name) + 2 > left:
            yield f"  {name}"
            yield first
        else:
            yield f"  {name.ljust(left)}{first.strip()}"
        yield from others


def _wrap(words: str, indent: str) -> list[str]:
    columns = min(LINE_COLUMNS_MAX, shutil.get_terminal_size().columns)
    return textwrap.wrap(words, columns, initial_indent=indent, subsequent_indent=indent)
