"""Examples and released bytes of events about keys and erasure; see `golden_events`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.disclosure import PersonalKeysDisclosed
from registry.erasure import PersonErased
from registry.key_list import KeyListPublished
from registry.put_back import LogPutBack

EXAMPLES: dict[str, Any] = {
    "log-put-back.v1": LogPutBack(
        size=1200,
        seen_size=1300,
        seen_root="q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
        reason="Biên bản sự cố số 4 ngày 2/3/2026",
    ),
    "personal-keys-disclosed.v1": PersonalKeysDisclosed(
        auditor="Đoàn thanh tra số 3",
        auditor_key=f"sovang-auditor+{'ab' * 32}",
        reason="Quyết định 15/QĐ-TTCP ngày 2/3/2026",
    ),
    "key-list-published.v1": KeyListPublished('{"version":1}\n\n— root-9eeeab1b AAAAAAA=\n'),
    "person-erased.v1": PersonErased(
        subject=UUID("01939bd7-3a5e-7c00-8000-0000000000e1"),
        reason="Đơn đề nghị ngày 2/3/2026",
        consented_by="Trần Văn Thử",
        backup_days=90,
    ),
}

BYTES: dict[str, str] = {
    "log-put-back.v1": (
        '{"reason":"Biên bản sự cố số 4 ngày 2/3/2026",'
        '"seen_root":"q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=","seen_size":1300,"size":1200}'
    ),
    "personal-keys-disclosed.v1": (
        '{"auditor":"Đoàn thanh tra số 3","auditor_key":"sovang-auditor+'
        'abababababababababababababababababababababababababababababababab",'
        '"reason":"Quyết định 15/QĐ-TTCP ngày 2/3/2026"}'
    ),
    "key-list-published.v1": ('{"note":"{\\"version\\":1}\\n\\n— root-9eeeab1b AAAAAAA=\\n"}'),
    "person-erased.v1": (
        '{"backup_days":90,"consented_by":"Trần Văn Thử","reason":"Đơn đề nghị ngày 2/3/2026"'
        ',"subject":"01939bd7-3a5e-7c00-8000-0000000000e1"}'
    ),
}
