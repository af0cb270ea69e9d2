"""What happens to a printed code before it is read: thirteen conditions, each from a seed.

A picture is a code with white around it. Blur is in pixels of the scan, dirt in hundredths of the
code's area, JPEG in its quality, turns in degrees. Spots of dirt are black or white, and as wide
as 6 to 14 hundredths of the code: a drop, a fold, a rubbed place.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Picture = Any
"""Grey pixels, an array of two dimensions."""
WHITE: Final = 255
# White around the code in a picture, as a share of the code's side.
AROUND: Final = 0.15
_SPOT: Final = (0.06, 0.14)


def as_it_is(picture: Picture, _chance: Any) -> Picture:
    """A clean scan."""
    return picture


def blurred(sigma: float, picture: Picture, _chance: Any) -> Picture:
    """Out of focus."""
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def dirtied(share: float, picture: Picture, chance: Any) -> Picture:
    """Spots until so much of the code is covered."""
    made, covered = picture.copy(), np.zeros(picture.shape, np.uint8)
    side = picture.shape[0] / (1 + 2 * AROUND)
    begin, end = round(side * AROUND), round(side * (1 + AROUND))
    while np.count_nonzero(covered[begin:end, begin:end]) < share * side * side:
        radius = max(1, round(chance.uniform(*_SPOT) * side / 2))
        middle = (int(chance.integers(begin, end)), int(chance.integers(begin, end)))
        cv2.circle(made, middle, radius, int(chance.choice((0, WHITE))), -1)
        cv2.circle(covered, middle, radius, 1, -1)
    return made


def compressed(quality: int, picture: Picture, _chance: Any) -> Picture:
    """Sent as JPEG."""
    _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


def turned(degrees: float, picture: Picture, _chance: Any) -> Picture:
    """Laid down crooked."""
    height, width = picture.shape
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    return cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderValue=WHITE)


def photographed(picture: Picture, chance: Any) -> Picture:
    """All of it a little: crooked, dirty, out of focus, grey and noisy, sent as JPEG."""
    made = turned(4.0, dirtied(0.03, picture, chance), chance)
    grey = 50 + blurred(1.0, made, chance).astype(np.float64) * 0.6
    noisy = np.clip(grey + chance.normal(0, 8, grey.shape), 0, WHITE).astype(np.uint8)
    return compressed(50, noisy, chance)


CONDITIONS: Final[Mapping[str, Callable[[Picture, Any], Picture]]] = {
    "clean": as_it_is,
    "blur 1 px": partial(blurred, 1.0),
    "blur 1.5 px": partial(blurred, 1.5),
    "blur 2 px": partial(blurred, 2.0),
    "dirt 3 %": partial(dirtied, 0.03),
    "dirt 5 %": partial(dirtied, 0.05),
    "dirt 10 %": partial(dirtied, 0.10),
    "JPEG 30": partial(compressed, 30),
    "JPEG 10": partial(compressed, 10),
    "turned 3°": partial(turned, 3.0),
    "turned 15°": partial(turned, 15.0),
    "turned 45°": partial(turned, 45.0),
    "photographed": photographed,
}

# In these the spots, or the noise, fall elsewhere at each try.
WITH_CHANCE: Final = frozenset({"dirt 3 %", "dirt 5 %", "dirt 10 %", "photographed"})
