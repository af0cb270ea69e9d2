"""Programs in JavaScript that know nothing of us and judge what we sign.

They are what others would use: a library for COSE, the verifier of verifiable credentials, one
for JOSE. `scripts/setup --test` brings Node.js and them, by `tests/judges/package-lock.json`.
A judge is given a JSON document and answers with one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any, Final

JUDGES: Final = Path(__file__).with_name("judges")
# Outside the tree; packages are looked for from here, wherever the judge's own text lies.
INSTALLED: Final = JUDGES.parents[1] / ".venv" / "judges"
SECONDS_MAX: Final = 60


def ask(judge: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What a judge says of everything that it is given."""
    script = (JUDGES / f"{judge}.mjs").read_text()
    node = Path(sys.executable).with_name("node")
    ended = subprocess.run(
        [str(node), "--input-type=module", "--eval", script],
        cwd=INSTALLED,
        input=json.dumps(given).encode(),
        capture_output=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    answers: list[dict[str, Any]] = json.loads(ended.stdout)
    return answers


def as_jwk(public: bytes) -> dict[str, str]:
    """A raw Ed25519 key as JOSE writes it."""
    x = urlsafe_b64encode(public).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x}
