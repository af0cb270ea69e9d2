"""Who records during a campaign: clerks over HTTP with request keys, and imports of their own.

A clerk repeats a request under its key until it is answered, whatever comes between; an import
that was killed is begun again with the same file. Only what was answered goes into the journal.
"""

from __future__ import annotations

import csv
import http.client
import json
import subprocess
import time
from itertools import count
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from scripts.campaigns.house import ANSWER_SECONDS_MAX
from scripts.campaigns.journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scripts.campaigns.house import House
    from scripts.campaigns.journal import Journal

CLERKS: Final = 4
IMPORT_ROWS: Final = 600
CHUNK_ROWS: Final = 100
PAUSE_SECONDS: Final = 0.05
_DONE: Final = frozenset({200, 201})
_LATER: Final = frozenset({429, 503})
_SYLLABLES: Final = (
    *("An", "Bình", "Chi", "Dương", "Giang", "Hà", "Khánh", "Lan", "Mai", "Nam"),
    *("Oanh", "Phúc", "Quang", "Sơn", "Tâm", "Uyên", "Vân", "Xuân", "Yến", "Đức"),
)
_HEADER: Final = (
    "STT",
    "Họ và tên",
    "Năm sinh",
    "Giới tính",
    "Quê quán (ghi theo bằng)",
    "Hình thức khen thưởng",
    "Số quyết định",
    "Ngày quyết định",
    "Cơ quan quyết định",
)


class Names:
    """Names that were never given before, in syllables."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._lock = Lock()

    def new(self) -> tuple[int, str]:
        """A number and the name that is made of it."""
        with self._lock:
            number = next(self._numbers)
        digits, left = [], number
        while left:
            left, digit = divmod(left, len(_SYLLABLES))
            digits.append(_SYLLABLES[digit])
        return number, " ".join(("Giàng", *reversed(digits)))


class Refused(Exception):  # noqa: N818 - ends a campaign: its own requests are good
    """A request was refused for another reason than the faults."""


class Writers:
    """Everybody who records, until told to stop."""

    def __init__(self, house: House, journal: Journal, token: str, folder: Path) -> None:
        self.house = house
        self.journal = journal
        self.names = Names()
        self.refusals: list[str] = []
        self._token = token
        self._folder = folder
        self._stop = Event()
        self._importing: subprocess.Popen[bytes] | None = None
        self._threads = [Thread(target=self._clerk, args=(one,)) for one in range(CLERKS)]
        self._threads.append(Thread(target=self._import_files))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, each behind the request that is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def signal_import(self, number: int) -> bool:
        """Signal the import that runs; False if none does."""
        running = self._importing
        if running is None or running.poll() is not None:
            return False
        running.send_signal(number)
        return True

    # Clerks ----------------------------------------------------------------------------------

    def _clerk(self, place: int) -> None:
        for number in count(1):
            if self._stop.is_set():
                return
            kind, path, body, name = self._request(number)
            try:
                answer = self._ask_until_answered(f"clerk-{place}-{number}", path, body)
            except Refused as error:
                self.refusals.append(str(error))
                return
            if answer is not None:
                self.journal.note(Entry(kind, str(answer["id"]), name))

    def _request(self, turn: int) -> tuple[Any, str, dict[str, Any], str]:
        number, name = self.names.new()
        if turn % 2:
            typed = f"{number} QĐ/CTN"
            told = {"number": typed, "issuer": "Chủ tịch nước", "decided_on": "2024-05-09"}
            return "decision", "/api/decisions", told, typed
        person = {"born": "1930", "native_place": "xã Bản Cái", "residence": "xã Bản Cái"}
        body = {
            "recipient": {"name": name, "persons": [person]},
            "form": "ORD-KC-US",
            "award_class": "III",
            "awarded_on": "1985",
            "number_typed": f"{number} KT/HĐNN",
            "issuer_typed": "Hội đồng Nhà nước",
        }
        return "award", "/api/awards", body, name

    def _ask_until_answered(
        self, key: str, path: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Repeat a request under its key; None if the campaign ended before it was answered.

        Raises `Refused`.
        """
        while not self._stop.is_set():
            try:
                status, answer = self._post(key, path, body)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(PAUSE_SECONDS)
                continue
            if status in _DONE:
                return answer
            if status not in _LATER:
                raise Refused(f"{path} {status}: {answer}")
            time.sleep(PAUSE_SECONDS)
        return None

    def _post(self, key: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.house.port, timeout=ANSWER_SECONDS_MAX
        )
        try:
            headers = {
                "Authorization": f"Bearer {self._token}",
                "Idempotency-Key": key,
                "Prefer": "respond-async",
                "Content-Type": "application/json",
            }
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    # Imports ---------------------------------------------------------------------------------

    def _import_files(self) -> None:
        for number in count(1):
            if self._stop.is_set():
                return
            path = self._folder / f"register-{number}.csv"
            names = tuple(self._write_sheet(path))
            report = self._import_until_done(path)
            if report is not None:
                self.journal.note(Entry("import", str(report["import_id"]), path.name, names))

    def _write_sheet(self, path: Path) -> Iterator[str]:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(_HEADER)
            for ordinal in range(1, IMPORT_ROWS + 1):
                number, name = self.names.new()
                rows.writerow(
                    (ordinal, name, "1931", "Nam", "xã Tả Phìn, huyện Sa Pa, tỉnh Lào Cai",
                     "Huân chương Kháng chiến chống Mỹ hạng Nhì", f"{number} KT/HĐNN",
                     "12/03/1985", "Hội đồng Nhà nước")
                )  # fmt: skip
                yield name

    def _import_until_done(self, path: Path) -> dict[str, Any] | None:
        """Import a file, anew as often as that is killed; None if the campaign ended before."""
        arguments = ("import", str(path), "--kind", "legacy", "--json")
        while not self._stop.is_set():
            self._importing = self.house.begin(arguments)
            said, _ = self._importing.communicate()
            if self._importing.returncode == 0:
                report: dict[str, Any] = json.loads(said)
                return report
            time.sleep(PAUSE_SECONDS)
        return None
