"""What the environment says; the only module that reads it.

DATABASE_URL        libpq URL or connection string of a server of your own; absent: embedded
SOVANG_HOME         folder of everything that the register keeps
SOVANG_PUBLIC_URL   address that is printed in QR codes; absent: the one at which the server is
SOVANG_LANG         `vi` or `en`
SOVANG_PG_BIN       folder with the programs of another PostgreSQL for the embedded server
SOVANG_PG_USER      account that runs the embedded server when the caller is root
SOVANG_KEY_PASSPHRASE_FILE
                    file with the passphrase of the signing keys; absent: that of a trial set
SOVANG_BACKUP_PASSPHRASE_FILE
                    file with the passphrase under which backups keep the keys
SOVANG_TOKEN_PIN_FILE
                    file with the PIN of a token (PKCS#11) that holds signing keys
SOVANG_SUPERIOR_OFFICE
                    the office above all others in this register; absent: none is above another
SOVANG_TRUSTED_PROXIES
                    networks of proxies whose X-Forwarded-For counts, set apart by spaces
SOVANG_WITNESSES    addresses of witnesses that cosign the log's heads, set apart by spaces
SOVANG_TSA_URL      address of a time stamping authority (RFC 3161) that stamps the log's heads
SOVANG_TSA_CERTIFICATE
                    file (PEM) with the certificate from which the authority's own follows
XDG_STATE_HOME      folder in which a machine remembers what it has seen, `sovang` in it

A variable that is empty or only spaces counts as absent.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from registry.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

Language = Literal["vi", "en"]

PUBLIC_URL_DEFAULT = "http://127.0.0.1:8000"
# As root the embedded server runs under an account without rights, which may not enter /root.
ROOT_HOME_DEFAULT = Path("/var/lib/sovang")


class BadSetting(RegistryError):  # noqa: N818 - named for what is wrong, like its siblings
    """A variable of the environment cannot be used.

    `params` has `variable`, and `wants`: the kebab-case name of what it should hold.
    The value is not repeated, because a database address may carry a password.
    """

    def __init__(self, variable: str, wants: str) -> None:
        super().__init__("bad-setting", variable=variable, wants=wants)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the register lives and how it speaks."""

    home: Path
    database_url: str | None = None
    public_url: str = PUBLIC_URL_DEFAULT
    public_url_given: bool = False
    language: Language = "vi"
    programs: Path | None = None
    account: str | None = None
    key_passphrase_file: Path | None = None
    token_pin_file: Path | None = None
    witnesses: tuple[str, ...] = ()
    tsa_url: str | None = None
    tsa_certificate: Path | None = None
    superior_office: str | None = None
    trusted_proxies: tuple[str, ...] = ()
    state: Path | None = None
    backup_passphrase_file: Path | None = None


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all settings. Raises `BadSetting` naming the variable and what it wants."""
    given = {name: value.strip() for name, value in environ.items() if value.strip()}
    return Settings(
        home=_read_path(given, "SOVANG_HOME") or _default_home(given),
        database_url=_read_database_url(given),
        public_url=_read_public_url(given),
        public_url_given="SOVANG_PUBLIC_URL" in given,
        language=_read_language(given),
        programs=_read_path(given, "SOVANG_PG_BIN"),
        account=given.get("SOVANG_PG_USER"),
        key_passphrase_file=_read_path(given, "SOVANG_KEY_PASSPHRASE_FILE"),
        token_pin_file=_read_path(given, "SOVANG_TOKEN_PIN_FILE"),
        witnesses=_read_witnesses(given),
        tsa_url=_read_tsa_url(given),
        tsa_certificate=_read_path(given, "SOVANG_TSA_CERTIFICATE"),
        superior_office=given.get("SOVANG_SUPERIOR_OFFICE"),
        trusted_proxies=_read_proxies(given),
        state=_state_folder(given),
        backup_passphrase_file=_read_path(given, "SOVANG_BACKUP_PASSPHRASE_FILE"),
    )


def _default_home(given: Mapping[str, str]) -> Path:
    """Return the data folder of the XDG base directory specification, or the one for root."""
    if os.geteuid() == 0:
        return ROOT_HOME_DEFAULT
    shared = Path(given.get("XDG_DATA_HOME", "~/.local/share"))
    try:
        folder = shared.expanduser() / "sovang"
    except RuntimeError:  # the account has no home folder
        folder = Path()
    if not folder.is_absolute():
        raise BadSetting("SOVANG_HOME", "absolute-folder")
    return folder


def _state_folder(given: Mapping[str, str]) -> Path | None:
    """The state folder of the XDG base directory specification; None for a homeless account."""
    try:
        folder = Path(given.get("XDG_STATE_HOME", "~/.local/state")).expanduser() / "sovang"
    except RuntimeError:
        return None
    # The specification has a relative folder passed over.
    return folder if folder.is_absolute() else None


def _read_path(given: Mapping[str, str], variable: str) -> Path | None:
    if variable not in given:
        return None
    try:
        folder = Path(given[variable]).expanduser()
    except RuntimeError:  # "~name" of an account that does not exist
        folder = Path()
    # A relative folder would be another register in each folder that the command is called from.
    if not folder.is_absolute() or "\x00" in given[variable]:
        raise BadSetting(variable, "absolute-folder")
    return folder


def _read_database_url(given: Mapping[str, str]) -> str | None:
    url = given.get("DATABASE_URL")
    if url is None:
        return None
    from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - importing settings stays light

    try:
        conninfo.conninfo_to_dict(url)
    except ProgrammingError:
        # "from None": the driver's message repeats the address, password and all.
        raise BadSetting("DATABASE_URL", "database-address") from None
    return url


def _read_public_url(given: Mapping[str, str]) -> str:
    url = given.get("SOVANG_PUBLIC_URL", PUBLIC_URL_DEFAULT).rstrip("/")
    if not _is_web_address(url):
        raise BadSetting("SOVANG_PUBLIC_URL", "web-address")
    return url


def _read_witnesses(given: Mapping[str, str]) -> tuple[str, ...]:
    addresses = tuple(given.get("SOVANG_WITNESSES", "").split())
    if not all(_is_web_address(address) for address in addresses):
        raise BadSetting("SOVANG_WITNESSES", "web-address")
    return addresses


def _read_proxies(given: Mapping[str, str]) -> tuple[str, ...]:
    networks = tuple(given.get("SOVANG_TRUSTED_PROXIES", "").split())
    if networks:
        from ipaddress import ip_network  # noqa: PLC0415 - importing settings stays light

        try:
            return tuple(str(ip_network(one)) for one in networks)
        except ValueError:
            raise BadSetting("SOVANG_TRUSTED_PROXIES", "networks") from None
    return ()


def _read_tsa_url(given: Mapping[str, str]) -> str | None:
    url = given.get("SOVANG_TSA_URL")
    if url is not None and not _is_web_address(url):
        raise BadSetting("SOVANG_TSA_URL", "web-address")
    return url


def _is_web_address(url: str) -> bool:
    """Whether paths can be put behind the address: http or https, a host, nothing after."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets of IPv6 that do not close, a port that is none
        return False
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return False
    return not (parts.query or parts.fragment or parts.username or set(url) & set(" ?#"))


def _read_language(given: Mapping[str, str]) -> Language:
    match given.get("SOVANG_LANG", "vi").lower():
        case "vi":
            return "vi"
        case "en":
            return "en"
        case _:
            raise BadSetting("SOVANG_LANG", "vi-or-en")
