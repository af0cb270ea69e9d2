"""Papers: certificates, receipts and letters, from what the register says to PDF bytes.

Everything is a pure function of frozen dataclasses, and the same input gives the same bytes.
Nothing here reads the register; what is printed is given by `api.certificates` and its siblings.

Reading order: `designs` (which certificate a form had on a day), `wording` (dates and names as
offices write them), `certificate` (what one certificate says), `blanks` (the same on pre-printed
paper), `press` (typst), `run`, `run_child` and `joining` (many pages at once), `slip`,
`receipts` and `letters` (other papers).
Layouts and their data are in `templates/`, the type in `fonts/`.
"""
