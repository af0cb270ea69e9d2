#!/bin/sh
# typst 0.15.2 (Python package) ends a PDF in "%%EOF" without a line end, and pyHanko 0.38.0 writes
# an incremental update right behind it: the first object of the update begins on that line.
# ISO 32000 reads such a file; PDF/A does not allow it (ISO 19005-3, 6.1.9: the object number is
# preceded by an end of line), so a file that typst made as PDF/A-3a is none once it is signed.
# What helps: write a line end behind the file before it is updated.
#
# Seen 2026-11-30 with CPython 3.11.2:
#   typst ends in: b'\n%%EOF'
#   update begins: b'%%EOF<N> 0 obj\n'
#   with a line end: b'%%EOF\n<N> 0 obj\n'
# Fails (exit 1) if either library behaves otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet typst==0.15.2 pyhanko==0.38.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import io
import re
import sys
from pathlib import Path

import typst
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

source = Path(sys.argv[1], "paper.typ")
source.write_text('#set document(title: "A paper")\n#set text(lang: "en")\nHello.\n')
made = typst.compile(source, format="pdf", pdf_standards="a-3a")


def updated(content: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.root[pdf_name("/Note")] = pdf_string("something added")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def begins(content: bytes) -> bytes:
    return re.sub(rb"[0-9]+ 0 obj", b"<N> 0 obj", updated(content)[len(made) - 5 :])[:17]


print("typst ends in:", made[-6:])
print("update begins:", begins(made)[:15])
print("with a line end:", begins(made + b"\n")[:16])
good = made.endswith(b"\n%%EOF") and begins(made).startswith(b"%%EOF<N> 0 obj\n")
good = good and begins(made + b"\n").startswith(b"%%EOF\n<N> 0 obj\n")
sys.exit(0 if good else 1)
PYTHON
