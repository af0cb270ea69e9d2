"""`verify`: certificates checked over HTTP, against a route of the same framework that is empty.

`verify` asks for the same certificates again and again, as a crowd does: their signatures are
remembered, whether they are in force is looked up every time. `verify-anew` asks as if each were
seen for the first time: signature and look-up. `verify-facts` asks about the holder too.

Both answer from one process of its own, over kept connections, to the same client in turns. Ours
reads the body, checks the signature, finds the certificate in the register and tells its status.
Both are plain functions, which FastAPI runs in its threads, and rounds are short: on a machine
that others use, what is measured minutes apart cannot be compared.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from fastapi import FastAPI

from api.application import create_application
from api.server import log_to
from api.verification.buckets import Allowance, Buckets
from api.verification.opening import reading_of
from api.verification.signing import SigningDesk, sign_certificates
from api.verification.trust import Trust
from api.verification.verified import CHARACTERS_MAX
from projections.registers import REGISTERS
from projections.runner import Runner
from registry.award import IssueArtifacts
from registry.database import Database
from registry.proofs.key_list import KeyList, ListedKey, sign_key_list
from registry.proofs.keys import Purpose, Signer, make_signer
from registry.proofs.notes import plain_key
from scripts.benchmarks.material import BENCH_AUTHOR, award_commands
from scripts.benchmarks.measuring import Bench, Result, compare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.process import BaseProcess

DEFAULT_REQUESTS = 400
CERTIFICATES = 200
ROUNDS: Final = 9
CONNECTIONS: Final = 8
LIFETIME: Final = 10**9
START_SECONDS_MAX: Final = 60
_UNLIMITED: Final = Allowance(1e9, 10**9)


def run(bench: Bench) -> list[Result]:
    """Requests per second of both routes, measured in turns."""
    count = bench.rows_or(DEFAULT_REQUESTS)
    bench.say(f"verify: {count} requests a round")
    with bench.make_database() as database:
        links = _signed_links(database)
        plain = [json.dumps({"p": link}).encode() for link in links]
        # What is longer than any certificate is not remembered.
        anew = [json.dumps({"p": link + " " * CHARACTERS_MAX}).encode() for link in links]
        facts = [json.dumps({"p": link, "birth_year": 1930}).encode() for link in links]
        ports = _free_ports(2)
        child = _start_server(database, ports)
        try:
            results = [
                _compare("verify", ports, plain, count),
                _compare("verify-anew", ports, anew, count),
                _compare("verify-facts", ports, facts, count),
            ]
        finally:
            child.terminate()
            child.join()
    return results


def _compare(name: str, ports: Sequence[int], bodies: Sequence[bytes], count: int) -> Result:
    ours, theirs = compare(
        lambda: asyncio.run(_rate(ports[0], "/api/verify", bodies, count)),
        lambda: asyncio.run(_rate(ports[1], "/empty", bodies, count)),
        rounds=ROUNDS,
    )
    return Result(name, ours, "requests/s", "an empty FastAPI route", theirs)


def _signed_links(database: Database) -> list[str]:
    registry = database.registry()
    serials = []
    for number, command in enumerate(award_commands(CERTIFICATES, sealed=False)):
        award_id = registry.create("award", command, BENCH_AUTHOR).stream_id
        serials.append(f"BENCH-{number:06d}")
        issue = IssueArtifacts((("certificate", serials[-1]),), "2026")
        registry.execute("award", award_id, issue, BENCH_AUTHOR)
    _catch_up(database)
    reading = partial(reading_of, database)
    desk = SigningDesk(registry, reading, _trust(), "https://bench.test", bytes(32))
    links = [one.link for one in sign_certificates(desk, serials, BENCH_AUTHOR)]
    _catch_up(database)
    return links


def _catch_up(database: Database) -> None:
    runner = Runner(database.conninfo("projector"), database.marks, REGISTERS)
    try:
        runner.catch_up()
    finally:
        runner.close()


def _trust() -> Trust:
    """Keys that are the same in both processes."""
    root = _signer("root")
    key = _signer("issue")
    listed = ListedKey("issue", "Ed25519", key.public, 0, 4 * LIFETIME)
    named = plain_key("root", root)
    key_list = KeyList(1, 0, 4 * LIFETIME, "bench.test/log", True, (listed,), (named,), 1)  # noqa: FBT003
    note = sign_key_list(key_list, [("root", root)])
    return Trust(lambda: note, lambda _, use: _signer(use))


def _signer(use: Purpose) -> Signer:
    return make_signer(use, sha256(use.encode()).digest())


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


def _start_server(database: Database, ports: Sequence[int]) -> BaseProcess:
    child = get_context("spawn").Process(
        target=_serve, args=(database.administrator, database.home_key, list(ports))
    )
    child.start()
    until = time.monotonic() + START_SECONDS_MAX
    for port in ports:
        while not _answers(port) and time.monotonic() < until:
            time.sleep(0.05)
    return child


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _serve(administrator: str, home_key: bytes, ports: list[int]) -> None:
    # Lines are made as the server makes them, and nobody reads them here.
    log_to(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as it serves
    database = Database(administrator, home_key=home_key)
    buckets = Buckets(_UNLIMITED, _UNLIMITED, facts=_UNLIMITED, codes=_UNLIMITED)
    ours = create_application(database, trust=_trust(), buckets=buckets)
    empty = FastAPI(openapi_url=None)
    empty.post("/empty")(_nothing)
    asyncio.run(_serve_both([(ours, ports[0]), (empty, ports[1])]))


def _nothing() -> dict[str, str]:
    return {}


async def _serve_both(applications: Sequence[tuple[Any, int]]) -> None:
    servers = [
        uvicorn.Server(uvicorn.Config(one, port=port, log_config=None, access_log=False))
        for one, port in applications
    ]
    await asyncio.gather(*(server.serve() for server in servers))


async def _rate(port: int, path: str, bodies: Sequence[bytes], count: int) -> float:
    each = count // CONNECTIONS
    began = time.perf_counter()
    await asyncio.gather(
        *(_ask(port, path, bodies[number::CONNECTIONS], each) for number in range(CONNECTIONS))
    )
    return each * CONNECTIONS / (time.perf_counter() - began)


async def _ask(port: int, path: str, bodies: Sequence[bytes], count: int) -> None:
    """Ask one after the other on one connection. Raises `RuntimeError` for a bad answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(count):
        body = bodies[number % len(bodies)]
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        content = await reader.readexactly(length)
        if not answer.startswith(b"HTTP/1.1 200") or b'"authentic":false' in content:
            raise RuntimeError(content.decode())
    writer.close()
    await writer.wait_closed()
