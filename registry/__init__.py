"""The write side: records, rules, the log of facts. Nothing here knows of registers or of HTTP.

Reading order: `fact` (what is kept), `decision` and `award` (the rules, pure functions),
`register` and `work` (the one way in), `codec` and `sealing` (bytes), `log` (the only write).
"""
