"""The page `/v` that checks a certificate on the device of whoever holds it: one file.

It is put together once from the parts in `page/`: mark-up, style, the vendored Ed25519 library
for browsers without their own, our scripts, and what this register wants trusted (its roots and
its key list, names of forms, reasons of refusals). Nothing is loaded from elsewhere: the policy
names the digests of the one script and the one style, and allows no other.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from registry.catalogue import load_catalogue
from registry.messages import codes, describe, terms

if TYPE_CHECKING:
    from api.verification.trust import Trust
    from registry.settings import Language

_LIBRARY: Final = "noble-ed25519.js"
_SCRIPTS: Final = ("bytes.js", "trust.js", "status.js", "head.js", "words.js", "view.js")
_REASONS: Final = ("payload-", "status-list-", "key-list-")
# The library's reference manual, half of its file; its licence stands in a comment of its own.
_MANUAL: Final = re.compile(r"^[ ]*/\*\*.*?\*/\n", re.DOTALL | re.MULTILINE)
# Lines that say why are for those who read the files, not for a phone.
_REMARK: Final = re.compile(r"^[ ]*//.*\n", re.MULTILINE)

MANIFEST: Final = {
    "name": "Kiểm tra bằng khen thưởng",
    "short_name": "Kiểm tra bằng",
    "lang": "vi",
    "start_url": "/v",
    "scope": "/v",
    "display": "standalone",
    "background_color": "#fbf9f4",
    "theme_color": "#96191c",
    "icons": [{"src": "/static/seal.svg", "sizes": "any", "type": "image/svg+xml"}],
}


@dataclass(frozen=True, slots=True)
class Page:
    """The page's bytes and the policy under which they are served."""

    content: bytes
    policy: str

    @property
    def tag(self) -> str:
        """Entity tag, which is the digest that may be published beside the page."""
        return f'"{sha256(self.content).hexdigest()}"'


def make_page(trust: Trust, public_url: str, language: Language) -> Page:
    """The page of a register with these keys."""
    style, script = _part("check.css"), _script(trust, public_url, language)
    content = Template(_part("check.html")).substitute(style=style, script=script).encode()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digest(script)}",
            f"style-src {_digest(style)}",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "img-src 'self'",
            "media-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    return Page(content, policy)


def worker() -> str:
    """The service worker, which keeps the page for when the network is off."""
    return _part("worker.js")


def _script(trust: Trust, public_url: str, language: Language) -> str:
    library = _MANUAL.sub("", _part(_LIBRARY))
    trusted = json.dumps(_trusted(trust, public_url, language), ensure_ascii=False)
    # A block of its own: the library's names and ours stay apart.
    own = "\n".join(_part(name) for name in _SCRIPTS)
    library, own = _REMARK.sub("", library), _REMARK.sub("", own)
    return f"{library}\n{{\nconst TRUST = {trusted.replace('<', chr(92) + 'u003c')};\n{own}}}\n"


def _trusted(trust: Trust, public_url: str, language: Language) -> dict[str, object]:
    reasons = sorted(code for code in codes() if code.startswith(_REASONS))
    return {
        "note": trust.note.decode(),
        "roots": [str(root) for root in trust.key_list.roots],
        "threshold": trust.key_list.threshold,
        "language": language,
        "host": urlsplit(public_url).netloc,
        "reasons": {code: [describe(code, {}, one) for one in ("vi", "en")] for code in reasons},
        "forms": {form.code: [form.name_vi, form.name_en] for form in load_catalogue().forms},
        "classes": {code: [said["vi"], said["en"]] for code, said in terms()["class"].items()},
    }


def _part(name: str) -> str:
    return (files("api.verification") / "page" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
