"""A page as a scanner sees it: grey pixels, and what wear does to them."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from pathlib import Path

WHITE = 255


@dataclass(frozen=True)
class Page:
    """Grey pixels, row by row."""

    width: int
    height: int
    pixels: bytes

    def as_array(self) -> memoryview:
        """The pixels as a buffer of two dimensions."""
        return memoryview(self.pixels).cast("B", (self.height, self.width))

    def save(self, path: Path) -> None:
        """Write a PGM file."""
        path.write_bytes(b"P5\n%d %d\n255\n" % (self.width, self.height) + self.pixels)

    def crop(self, left: int, top: int, right: int, bottom: int) -> Page:
        """A part of the page."""
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.width), min(bottom, self.height)
        starts = (y * self.width for y in range(top, bottom))
        rows = (self.pixels[start + left : start + right] for start in starts)
        return Page(right - left, bottom - top, b"".join(rows))

    def blotted(self, chance: random.Random, blots: int, smallest: float, largest: float) -> Page:
        """With round blots, dark or pale, whose size is a share of the width."""
        pixels = bytearray(self.pixels)
        for _ in range(blots):
            radius = self.width * chance.uniform(smallest, largest) / 2
            x, y = chance.uniform(0, self.width), chance.uniform(0, self.height)
            shade = chance.choice((0, WHITE))
            for row in range(max(0, int(y - radius)), min(self.height, int(y + radius))):
                reach = math.sqrt(max(0.0, radius**2 - (row - y) ** 2))
                for column in range(max(0, int(x - reach)), min(self.width, int(x + reach))):
                    pixels[row * self.width + column] = shade
        return Page(self.width, self.height, bytes(pixels))

    def turned(self, degrees: float) -> Page:
        """Laid down crooked."""
        sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
        middle_x, middle_y = self.width / 2, self.height / 2
        pixels = bytearray(WHITE for _ in range(self.width * self.height))
        for y in range(self.height):
            for x in range(self.width):
                from_x = int(middle_x + (x - middle_x) * cosine - (y - middle_y) * sine)
                from_y = int(middle_y + (x - middle_x) * sine + (y - middle_y) * cosine)
                if 0 <= from_x < self.width and 0 <= from_y < self.height:
                    pixels[y * self.width + x] = self.pixels[from_y * self.width + from_x]
        return Page(self.width, self.height, bytes(pixels))

    def blurred(self, chance: random.Random, noise: int) -> Page:
        """Out of focus by a pixel, and noisy."""
        pixels = bytearray(self.pixels)
        for y in range(1, self.height - 1):
            rows = [(y + step) * self.width for step in (-1, 0, 1)]
            for x in range(1, self.width - 1):
                total = sum(sum(self.pixels[row + x - 1 : row + x + 2]) for row in rows)
                shade = total // 9 + chance.randint(-noise, noise)
                pixels[rows[1] + x] = min(WHITE, max(0, shade))
        return Page(self.width, self.height, bytes(pixels))


def read_page(path: Path) -> Page:
    """A PGM file as pdftoppm writes it."""
    kind, size, _, pixels = path.read_bytes().split(b"\n", 3)
    assert kind == b"P5"
    width, height = (int(one) for one in size.split())
    return Page(width, height, pixels)
