"""Faults drawn at random against a server that records, outside CI: what was acknowledged stands.

Reading order: `kill` (the campaign), `house` (the server and its processes), `journal`, `writing`
(who records), `faults` (what is done to them), `judging` (what became of it all).
"""
