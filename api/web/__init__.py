"""Pages rendered on the server: search, one award, one decision. No script, nothing from afar.

`texts` has the words of the pages in both languages, `pages` the routes, `shapes` what the
templates are given.
"""
