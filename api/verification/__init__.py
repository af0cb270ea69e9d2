"""Checking a certificate: is the text genuine, is it in the log, is it in force, as of when.

Reading order: `trust` (whose keys), `signing` (what a certificate is given when it is made),
`qr` and `check_codes` (what is printed), `standing` (in force or not, on a day), `answers` (what
a stranger is told), `lists` (status lists published), `buckets` (how often one may ask),
`routes` and `page`.
"""
