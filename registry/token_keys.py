"""Signing keys in a token (PKCS#11): the device signs, the secret never leaves it.

Beside the key files lies one that says where such a key is, by token, library and kid:

    keys/signing/issue-9eeeab1b.token

The PIN stands elsewhere (`SOVANG_TOKEN_PIN_FILE`). Ed25519 only: ML-DSA is in no token yet, and
keys for PDF come with their certificates from an authority of their own. The library for Python
is optional (`sovang[pkcs11]`).

Sources: PKCS#11 3.0, 2.3.5 (Edwards curves); RFC 8032.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from registry.errors import NotReady, VerificationFailed
from registry.proofs.keys import PURPOSES, Purpose, Signer, kid_of, verify_signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PUBLIC_BYTES: Final = 32

_FORMAT: Final = 1
_FIELDS: Final = ("library", "pub", "token", "use", "v")
# PrintableString "edwards25519", which PKCS#11 3.0 prescribes beside the object identifier.
_CURVE: Final = b"\x13\x0cedwards25519"
_TRIAL: Final = b"sovang/token-key/v1"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """Where a key is: in the token of this label, by its kid, through this library."""

    use: Purpose
    public: bytes
    token: str
    library: str


def format_token_key(key: TokenKey) -> bytes:
    """The content of the file that stands for a key in a token."""
    return rfc8785.dumps(
        {
            "library": key.library,
            "pub": key.public.hex(),
            "token": key.token,
            "use": key.use,
            "v": _FORMAT,
        }
    )


def parse_token_key(content: bytes) -> TokenKey:
    """The key that such a file stands for. Raises `NotReady`."""
    try:
        stored: dict[str, Any] = json.loads(content)
        public = bytes.fromhex(stored["pub"])
        fits = tuple(sorted(stored)) == _FIELDS and stored["v"] == _FORMAT
        key = TokenKey(stored["use"], public, stored["token"], stored["library"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotReady("key-file-malformed") from error
    if not fits or key.use not in PURPOSES or len(public) != PUBLIC_BYTES:
        raise NotReady("key-file-malformed")
    return key


def make_token_key(use: Purpose, token: str, library: str, pin: str) -> TokenKey:
    """Make a key inside a token; it cannot be taken out. Raises `NotReady`."""
    with _told(token):
        public = _token_of(library, token, pin).run(partial(_generate, use=use))
    return TokenKey(use, public, token, library)


def open_token_key(key: TokenKey, pin: str) -> Signer:
    """What signs with a key in a token. Raises `NotReady` unless it signs as that key."""
    kid = kid_of(key.public)

    def sign(message: bytes) -> bytes:
        with _told(key.token):
            return _token_of(key.library, key.token, pin).run(
                partial(_sign, kid=kid, message=message)
            )

    try:
        verify_signature("Ed25519", key.public, sign(_TRIAL), _TRIAL)
    except VerificationFailed as error:
        raise NotReady("token-key-other", token=key.token, kid=kid.hex()) from error
    return Signer(kid, key.use, "Ed25519", key.public, sign)


def _generate(session: Any, use: Purpose) -> bytes:
    from pkcs11 import Attribute, KeyType, Mechanism  # noqa: PLC0415 - optional

    curve = session.create_domain_parameters(
        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _CURVE}, local=True
    )
    public_key, private_key = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    # The point comes as an octet string of DER; older tokens give it bare.
    public = bytes(public_key[Attribute.EC_POINT])[-PUBLIC_BYTES:]
    for half in (public_key, private_key):
        half[Attribute.ID] = kid_of(public)
        half[Attribute.LABEL] = f"sovang {use}"
    return public


def _sign(session: Any, kid: bytes, message: bytes) -> bytes:
    from pkcs11 import Mechanism, ObjectClass  # noqa: PLC0415 - optional

    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=kid)
    return bytes(key.sign(message, mechanism=Mechanism.EDDSA))


class _Token:
    """The one session in which a process uses a token; it does one thing at a time."""

    def __init__(self, open_session: Callable[[], Any]) -> None:
        self._open_session = open_session
        self._session: Any = None
        self._lock = Lock()

    def run(self, act: Callable[[Any], bytes]) -> bytes:
        """Do something in the session, begun anew if the token was away meanwhile."""
        with self._lock:
            if self._session is not None:
                with suppress(RuntimeError):
                    return act(self._session)
                # Whatever it was: a new session finds it again, or works.
                self._close()
            # Once only: a wrong PIN that is tried again and again locks the token.
            self._session = self._open_session()
            return act(self._session)

    def _close(self) -> None:
        session, self._session = self._session, None
        with suppress(RuntimeError):
            session.close()


def _token_of(library: str, label: str, pin: str) -> _Token:
    """The token of this label; a process logs in to it once, whatever it signs there."""
    with _TOKENS_LOCK:
        if (library, label) not in _TOKENS:

            def open_session() -> Any:
                import pkcs11  # noqa: PLC0415 - optional

                return pkcs11.lib(library).get_token(token_label=label).open(user_pin=pin, rw=True)

            _TOKENS[library, label] = _Token(open_session)
        return _TOKENS[library, label]


@contextmanager
def _told(token: str) -> Iterator[None]:
    """Tell what a token refuses as an error of ours."""
    try:
        from pkcs11.exceptions import PKCS11Error  # noqa: PLC0415 - optional
    except ImportError as error:
        raise NotReady("token-library-missing") from error
    try:
        yield
    except PKCS11Error as error:
        reason = type(error).__name__
        raise NotReady("token-unusable", token=token, reason=reason) from error


_TOKENS: dict[tuple[str, str], _Token] = {}
_TOKENS_LOCK: Final = Lock()
