"""The QR code of a certificate as a picture, 55 mm with its quiet zone.

The address is one segment of bytes and the digits one numeric segment, which holds three digits
in ten bits. Size and correction were measured with five readers on thirteen kinds of wear
(docs/adr/0008; `scripts/code-readers` makes the table again): what is out of focus wants large
modules, what is dirty wants much correction. So a code takes the highest level at which it has no
more than 81 modules to a side without its quiet zone: none is then smaller than 0.6 mm.

The mask is always the same one. Trying all eight takes four fifths of the time and is meant for
texts that make large areas or stripes; ours is a signature's random digits, on which every mask
is as good as another (measured there too), and readers take whichever the code names.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final, Literal

import segno
from segno.consts import MODE_BYTE, MODE_NUMERIC

from registry.proofs.digits import digits_of_link

SIDE_MILLIMETRES: Final = 55
QUIET_MODULES: Final = 4
MASK: Final = 2

Level = Literal["h", "q", "m"]

# What version 16 holds, in bits (ISO/IEC 18004, table 7), from the highest level down.
_CAPACITIES: Final[tuple[tuple[Level, int], ...]] = (("h", 253 * 8), ("q", 325 * 8))
# Of versions 10 to 26: the mode in four bits, the length in sixteen or, of digits, twelve.
_SEGMENT_BITS: Final = (4 + 16) + (4 + 12)


def link_to_svg(link: str) -> bytes:
    """The code for a link that ends with digits, as SVG without a size of its own."""
    digits = digits_of_link(link)
    address = link.removesuffix(digits)
    # Lists of segments are taken, with a mode each, though the annotation knows one text only.
    code = segno.make(
        [(address, MODE_BYTE), (digits, MODE_NUMERIC)],  # type: ignore[arg-type]
        error=correction_for(address, digits),
        boost_error=False,
        micro=False,
        mask=MASK,
    )
    picture = BytesIO()
    code.save(picture, kind="svg", border=QUIET_MODULES, xmldecl=False, svgns=True, omitsize=True)
    return picture.getvalue()


def correction_for(address: str, digits: str) -> Level:
    """The highest level of correction that leaves the modules of a code large enough."""
    bits = _SEGMENT_BITS + 8 * len(address.encode()) + -(-len(digits) * 10 // 3)
    return next((level for level, capacity in _CAPACITIES if bits <= capacity), "m")
