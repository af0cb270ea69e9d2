"""Examples and bytes of the events of checking a certificate; see `golden_events`."""

from __future__ import annotations

from typing import Any

from registry.award.artifact import ArtifactSigned, FileSigned
from registry.status_list import StatusListPublished

EXAMPLES: dict[str, Any] = {
    "artifact-signed.v1": ArtifactSigned("C2024-0000001-H", "9eeeab1b", 94567, "0oRJogEnBESe7qsb"),
    "artifact-file-signed.v1": FileSigned("C2024-0000001-H", "2b1e06d9", "5f" * 32),
    "status-list-published.v1": StatusListPublished(
        0, "2026-11-23T14:05:16Z", "2026-11-30T14:05:16Z", 3, "eyJhbGciOiJFZERTQSJ9.e30.AAAA"
    ),
}

BYTES: dict[str, str] = {
    "artifact-signed.v1": (
        '{"kid":"9eeeab1b","payload":"0oRJogEnBESe7qsb","serial":"C2024-0000001-H",'
        '"status_index":94567}'
    ),
    "artifact-file-signed.v1": (
        f'{{"kid":"2b1e06d9","serial":"C2024-0000001-H","sha256":"{"5f" * 32}"}}'
    ),
    "status-list-published.v1": (
        '{"credential":"eyJhbGciOiJFZERTQSJ9.e30.AAAA","number":0,"revoked":3,'
        '"valid_from":"2026-11-23T14:05:16Z","valid_until":"2026-11-30T14:05:16Z"}'
    ),
}
