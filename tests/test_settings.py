"""The environment, read once; a bad value names its variable and what it wants."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.settings import PUBLIC_URL_DEFAULT, BadSetting, read_settings


def test_nothing_set_means_embedded_vietnamese_at_home() -> None:
    settings = read_settings({"HOME": "/home/mai"})
    assert settings.database_url is None
    assert settings.language == "vi"
    assert settings.public_url == PUBLIC_URL_DEFAULT
    assert settings.programs is None
    assert settings.account is None
    assert settings.home.is_absolute()
    assert settings.home.name == "sovang"


def test_root_keeps_the_register_where_another_account_can_reach_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert read_settings({}).home == Path("/var/lib/sovang")


def test_a_user_keeps_the_register_in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/mai")
    assert read_settings({}).home == Path("/home/mai/.local/share/sovang")
    assert read_settings({"XDG_DATA_HOME": "/data/mai"}).home == Path("/data/mai/sovang")


def test_every_variable_is_read() -> None:
    settings = read_settings(
        {
            "DATABASE_URL": "postgresql://writer@one,two/sovang?target_session_attrs=read-write",
            "SOVANG_HOME": "/srv/sổ vàng",
            "SOVANG_PUBLIC_URL": "https://sovang.example/tra-cuu/",
            "SOVANG_LANG": " EN ",
            "SOVANG_PG_BIN": "/opt/postgresql/bin",
            "SOVANG_PG_USER": "database",
        }
    )
    assert settings.database_url is not None
    assert settings.home == Path("/srv/sổ vàng")
    assert settings.public_url == "https://sovang.example/tra-cuu"
    assert settings.language == "en"
    assert settings.programs == Path("/opt/postgresql/bin")
    assert settings.account == "database"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_value_is_an_absent_one(blank: str) -> None:
    names = ["DATABASE_URL", "SOVANG_HOME", "SOVANG_PUBLIC_URL", "SOVANG_LANG", "SOVANG_PG_BIN"]
    assert read_settings(dict.fromkeys(names, blank)) == read_settings({})


@pytest.mark.parametrize(
    ("variable", "value", "wants"),
    [
        ("SOVANG_HOME", "register", "absolute-folder"),
        ("SOVANG_HOME", "~no-such-account/register", "absolute-folder"),
        ("SOVANG_HOME", "/srv/a\x00b", "absolute-folder"),
        ("SOVANG_PG_BIN", "bin", "absolute-folder"),
        ("SOVANG_LANG", "fr", "vi-or-en"),
        ("SOVANG_PUBLIC_URL", "sovang.example", "web-address"),
        ("SOVANG_PUBLIC_URL", "ftp://sovang.example", "web-address"),
        ("SOVANG_PUBLIC_URL", "https://", "web-address"),
        ("SOVANG_PUBLIC_URL", "https://sovang.example:99999", "web-address"),
        ("SOVANG_PUBLIC_URL", "https://sovang.example/?a=b", "web-address"),
        ("SOVANG_PUBLIC_URL", "https://mai@sovang.example", "web-address"),
        ("SOVANG_PUBLIC_URL", "https://[::1", "web-address"),
        ("DATABASE_URL", "somewhere", "database-address"),
        ("DATABASE_URL", "mysql://root:secret@host/db", "database-address"),
        ("DATABASE_URL", "postgresql://host/db?no_such_option=secret", "database-address"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str, wants: str) -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({variable: value})
    assert caught.value.code == "bad-setting"
    assert caught.value.params == {"variable": variable, "wants": wants}
    # A database address may carry a password: neither the error nor its cause repeats it.
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_witnesses_are_addresses_set_apart_by_spaces() -> None:
    given = {"SOVANG_HOME": "/srv/sovang", "SOVANG_WITNESSES": "https://a.test  http://b.test:81/w"}
    assert read_settings(given).witnesses == ("https://a.test", "http://b.test:81/w")
    with pytest.raises(BadSetting) as caught:
        read_settings({**given, "SOVANG_WITNESSES": "https://a.test b.test"})
    assert caught.value.params["variable"] == "SOVANG_WITNESSES"
