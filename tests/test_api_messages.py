"""Every code that any source raises has a sentence in both languages."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from registry.catalogue import load_catalogue
from registry.messages import (
    codes,
    describe,
    form_with_class,
    format_date,
    format_machine_time,
    format_number,
    sentences,
    term,
    terms,
)
from scripts.command_line.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from registry.settings import Language

ROOT = Path(__file__).parent.parent
SOURCES = [
    path
    for folder in ("registry", "projections", "api", "scripts")
    for path in (ROOT / folder).rglob("*.py")
]
# What is raised with a code as its first argument, beside every class of errors.
RAISERS = {"Remark", "Problem", "ReportedProblem", "ReadingNote", "FieldProblem", "FormProblem"}
RAISERS |= {"_refuse", "blame", "doubt"}


def error_classes() -> set[str]:
    """Names of all classes that come from RegistryError, found in the sources themselves."""
    bases: dict[str, set[str]] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}
    found = {"RegistryError"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def literals(node: ast.expr) -> Iterator[str]:
    """Strings that an argument may be."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from literals(one)
            yield from literals(other)
        case _:
            return


def raised_codes() -> dict[str, str]:
    """Codes in the sources, and the file where each was found."""
    raisers = error_classes() | RAISERS
    found: dict[str, str] = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = called(node)
            if name == "require_text" and isinstance(node.args[0], ast.Constant):
                field = str(node.args[0].value).rpartition(".")[2].replace("_", "-")
                found[f"{field}-missing"] = path.name
            elif name == "super" or name not in raisers | {"__init__"}:
                continue
            else:
                # An error's code comes first; a problem's row and field stand before its code.
                for argument in node.args[: 3 if name in RAISERS else 1]:
                    for text in literals(argument):
                        if "-" in text and text.replace("-", "").isalpha() and text.islower():
                            found[text] = path.name
    return found


def test_the_search_for_codes_finds_what_there_is() -> None:
    found = raised_codes()
    assert {"class-not-allowed", "relation-missing", "date-impossible"} <= found.keys()
    assert {"golden-number-repeated", "file-encrypted", "embedded-path-too-long"} <= found.keys()
    assert {"search-too-long", "page-token-unreadable", "sign-in-missing"} <= found.keys()
    assert {"bad-setting", "control-character", "serial-unreadable"} <= found.keys()
    assert len(found) > 110


def test_every_code_has_sentences_in_both_languages() -> None:
    missing = {code: file for code, file in raised_codes().items() if code not in codes()}
    assert missing == {}


def test_every_sentence_exists_in_both_languages_and_can_always_be_said() -> None:
    for code, texts in sentences().items():
        assert set(texts) == {"vi", "en"}, code
        assert len(texts["vi"]) == len(texts["en"]), code
        for vietnamese, english in zip(texts["vi"], texts["en"], strict=True):
            assert placeholders(vietnamese) == placeholders(english), code
        for language in ("vi", "en"):
            said = describe(code, {}, language)
            always = said != code or placeholders(texts[language][-1])
            assert always, f"{code} says nothing in {language}"


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_term_exists_in_both_languages() -> None:
    for vocabulary, words in terms().items():
        for code, said in words.items():
            assert set(said) == {"vi", "en"}, (vocabulary, code)
            assert all(said.values()), (vocabulary, code)
    for form in load_catalogue().forms:
        for component in form.components:
            assert term("component", component, "vi") != component
        assert term("form-kind", form.kind, "vi") != form.kind


@pytest.mark.parametrize(
    ("params", "language", "said"),
    [
        (
            {"form": "MED-KC-US", "typed": "III", "allowed": "I, II"},
            "vi",
            "Huy chương Kháng chiến (chống Mỹ, cứu nước) không có hạng “III”; chỉ có các hạng: Nhất, Nhì.",  # noqa: E501
        ),
        (
            {"form": "ORD-SAOVANG", "typed": "II"},
            "vi",
            "Huân chương Sao vàng không phân hạng; hãy bỏ hạng “II”.",
        ),
        ({}, "en", "This form of commendation does not have the class that was given."),
    ],
)
def test_the_most_telling_sentence_is_said(
    params: dict[str, str], language: Language, said: str
) -> None:
    assert describe("class-not-allowed", params, language) == said


def test_braces_in_what_was_typed_are_only_text() -> None:
    said = describe("form-unknown", {"typed": "{0.__class__} {typed}"}, "vi")
    assert "{0.__class__} {typed}" in said


@pytest.mark.parametrize(
    ("date", "vietnamese", "english"),
    [
        ("2024-05-09", "09/5/2024", "9 May 2024"),
        ("2024-09-02", "02/9/2024", "2 September 2024"),
        ("2024-01-15", "15/01/2024", "15 January 2024"),
        ("2024-11-20", "20/11/2024", "20 November 2024"),
        ("1986-01", "tháng 01/1986", "January 1986"),
        ("2024-05", "tháng 5/2024", "May 2024"),
        ("1985", "năm 1985", "1985"),
        ("1985~", "khoảng năm 1985", "about 1985"),
        ("1985-04?", "tháng 4/1985 (chưa chắc)", "April 1985 (uncertain)"),
        ("xưa", "xưa", "xưa"),
    ],
)
def test_dates_are_written_as_offices_write_them(date: str, vietnamese: str, english: str) -> None:
    assert format_date(date, "vi") == vietnamese
    assert format_date(date, "en") == english


@pytest.mark.parametrize(
    ("written", "vietnamese", "english"),
    [
        ("2026-02-28T17:30:00+00:00", "00:30 ngày 01/3/2026", "1 March 2026, 00:30"),
        ("2024-12-31T17:00:00Z", "00:00 ngày 01/01/2025", "1 January 2025, 00:00"),
        ("2024-09-02", "02/9/2024", "2 September 2024"),
        ("1985", "1985", "1985"),
        ("12-34/QĐ", "12-34/QĐ", "12-34/QĐ"),
        ("2024-99-99T99:99:99Z", "2024-99-99T99:99:99Z", "2024-99-99T99:99:99Z"),
    ],
)
def test_what_machines_wrote_is_read_by_people_in_the_one_form(
    written: str, vietnamese: str, english: str
) -> None:
    assert format_machine_time(written, "vi") == vietnamese
    assert format_machine_time(written, "en") == english
    assert text("key.published", "vi", version=2, until=written).count(vietnamese) == 1


def test_a_sentence_never_shows_a_machines_date_but_what_was_typed_as_it_was() -> None:
    params = {"size": 7, "found": 5, "seen_at": "2024-09-01T18:05:00+00:00"}
    assert "01:05 ngày 02/9/2024" in describe("log-shorter-than-remembered", params, "vi")
    assert "“2024-13-01”" in describe("date-impossible", {"typed": "2024-13-01"}, "vi")
    assert "“2024-09-31”" in describe("date-impossible", {"typed": "2024-09-31"}, "vi")


def test_numbers_and_classes_are_written_as_offices_write_them() -> None:
    assert format_number(1_200, "vi") == "1.200"
    assert format_number(1_200, "en") == "1,200"
    name = form_with_class("ORD-KC-FR", "III", "vi")
    assert name == "Huân chương Kháng chiến (chống Pháp) hạng Ba"
