#!/bin/sh
# Starlette 1.10.0 adds "; charset=utf-8" to every media type that begins with "text/", also to one
# that a protocol wants to the letter. C2SP tlog-witness has a witness answer 409 with a
# Content-Type of text/x.tlog.size; transparency-dev/tessera's client compares it as it is.
# What helps: give the type as a header, which is left alone.
#
# Seen 2026-11-30 with CPython 3.11.2:
#   media_type: text/x.tlog.size; charset=utf-8
#   header: text/x.tlog.size
# Fails (exit 1) if that changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet starlette==1.10.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from starlette.responses import Response

TYPE = "text/x.tlog.size"
by_type = Response("200\n", 409, media_type=TYPE).headers["content-type"]
by_header = Response("200\n", 409, {"Content-Type": TYPE}).headers["content-type"]
print("media_type:", by_type)
print("header:", by_header)
sys.exit(0 if (by_type, by_header) == (f"{TYPE}; charset=utf-8", TYPE) else 1)
PYTHON
