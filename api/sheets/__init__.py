"""Sheets as offices fill them in: from a file to commands, one row at a time.

Reading order: `cells` (what a row is), `reader` (a file becomes rows; `archive`, `workbook` and
`workbook_child` for .xlsx, `delimited` for .csv), `layout` (which column means what), `rows`
(a row becomes awards, or the reasons why it does not; `decision_rows`, `legacy_rows`).
"""
