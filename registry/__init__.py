"""The write side: records, rules, the log of facts. Nothing here knows of registers or of HTTP.

Reading order: `fact` (what is kept), then the rules, pure functions all of them: `decision`,
`award` (with the artifacts that go with it), `cases`, `stock`; `law` and `catalogue` are what they
go by. `kinds` names every kind of record, `register` is the one way in, `work` one transaction,
`codec` and `sealing` make bytes, `log` is the only write. `proofs` shows a stranger, who trusts
nobody, that what was written once still stands; `embedded` runs the database.
"""
