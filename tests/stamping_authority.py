"""A time stamping authority (RFC 3161) of OpenSSL's: its certificates, and what it answers."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
_USES = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"


class StampingAuthority:
    """An authority in a folder: `root` is what others trust."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01")
        (folder / "uses").write_text(_USES)
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        _run(
            *("openssl", "req", "-x509", *new, "-days", "3650", "-subj", "/CN=Goc thu"),
            *("-keyout", folder / "ca.key", "-out", self.root),
        )
        _run(
            *("openssl", "req", *new, "-subj", "/CN=Dau thoi gian thu"),
            *("-keyout", folder / "tsa.key", "-out", folder / "tsa.csr"),
        )
        _run(
            *("openssl", "x509", "-req", "-in", folder / "tsa.csr", "-days", "1000"),
            *("-CA", self.root, "-CAkey", folder / "ca.key", "-CAcreateserial"),
            *("-extfile", folder / "uses", "-out", folder / "tsa.pem"),
        )

    @property
    def root(self) -> Path:
        """The certificate from which the authority's own follows."""
        return self.folder / "ca.pem"

    def answer(self, request: bytes) -> bytes:
        """What it says to a request."""
        asked, said = self.folder / "asked.tsq", self.folder / "said.tsr"
        asked.write_bytes(request)
        _run(
            *("openssl", "ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", asked),
            *("-signer", self.folder / "tsa.pem", "-inkey", self.folder / "tsa.key"),
            *("-out", said),
        )
        return said.read_bytes()

    def judge(self, text: bytes, token: bytes) -> bool:
        """Whether OpenSSL itself accepts a token over a text."""
        (self.folder / "text").write_bytes(text)
        (self.folder / "token").write_bytes(token)
        judged = subprocess.run(
            [
                *("openssl", "ts", "-verify", "-data", str(self.folder / "text"), "-token_in"),
                *("-in", str(self.folder / "token"), "-CAfile", str(self.root)),
            ],
            check=False,
            capture_output=True,
        )
        return judged.returncode == 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Its address, while it answers over HTTP."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/timestamp-query"
                said = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/tsa"
            finally:
                server.shutdown()
                thread.join()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)
