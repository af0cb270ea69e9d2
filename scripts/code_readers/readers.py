"""Five readers of QR codes that know nothing of us: each makes text of pixels, or nothing."""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import cv2
import numpy as np
import zxingcpp

if TYPE_CHECKING:
    from scripts.code_readers.wear import Picture

Reader: TypeAlias = Callable[[Any], str]
_ROOM: Final = 8896
HERE: Final = Path(__file__).parent


def make_readers(tools: Path) -> dict[str, Reader]:
    """The readers; `tools` holds what is neither in Debian nor a Python package."""
    return {
        "zxing": _zxing,
        "zbar": _zbar,
        "quirc": _quirc(tools / "quirc.so"),
        "OpenCV": _opencv,
        "jsQR": _jsqr(tools),
    }


def _zxing(picture: Picture) -> str:
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else ""


def _zbar(picture: Picture) -> str:
    with tempfile.NamedTemporaryFile(suffix=".pgm") as file:
        height, width = picture.shape
        file.write(b"P5\n%d %d\n255\n" % (width, height) + picture.tobytes())
        file.flush()
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.name]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


def _opencv(picture: Picture) -> str:
    try:
        return str(cv2.QRCodeDetector().detectAndDecode(picture)[0])
    except cv2.error:
        return ""


def _quirc(library: Path) -> Reader:
    read_code = ctypes.CDLL(str(library)).read_code

    def read(picture: Picture) -> str:
        height, width = picture.shape
        payload = ctypes.create_string_buffer(_ROOM)
        length = read_code(np.ascontiguousarray(picture).tobytes(), width, height, payload, _ROOM)
        return payload.raw[:length].decode(errors="replace")

    return read


def _jsqr(tools: Path) -> Reader:
    command = ["node", str(HERE / "jsqr_reader.mjs"), str(tools / "package.json")]
    node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(picture: Picture) -> str:
        assert node.stdin is not None  # noqa: S101 - it was asked for
        assert node.stdout is not None  # noqa: S101 - it was asked for
        height, width = picture.shape
        node.stdin.write(pack("<II", width, height) + picture.tobytes())
        node.stdin.flush()
        return node.stdout.readline().decode().strip()

    return read
