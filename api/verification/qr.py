"""The QR code of a certificate as a picture, 25 mm with its quiet zone.

The address is one segment of bytes and the digits one numeric segment, which holds three digits
in ten bits; error correction M survives blots that L does not, and H would make the modules too
small to print at this size (measured: docs/adr/0010).

The mask is always the same one. Trying all eight takes four fifths of the time and is meant for
texts that make large areas or stripes; ours is a signature's random digits, on which every mask
is as good as another (measured there too), and readers take whichever the code names.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

import segno
from segno.consts import MODE_BYTE, MODE_NUMERIC

from registry.proofs.digits import digits_of_link

SIDE_MILLIMETRES: Final = 25
QUIET_MODULES: Final = 4
MASK: Final = 2


def link_to_svg(link: str) -> bytes:
    """The code for a link that ends with digits, as SVG without a size of its own."""
    digits = digits_of_link(link)
    segments = [(link.removesuffix(digits), MODE_BYTE), (digits, MODE_NUMERIC)]
    # Lists of segments are taken, with a mode each, though the annotation knows one text only.
    code = segno.make(
        segments,  # type: ignore[arg-type]
        error="m",
        boost_error=False,
        micro=False,
        mask=MASK,
    )
    picture = BytesIO()
    code.save(picture, kind="svg", border=QUIET_MODULES, xmldecl=False, svgns=True, omitsize=True)
    return picture.getvalue()
