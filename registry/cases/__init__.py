"""Service cases: exchange, re-issue and confirmation, from intake to an ending with an outcome.

Reading order: `service_case` (the front door), `events` (what happens), `states` and `clock` (what
it comes to), then the stories: `opening`, `checking`, `moving`, `sending`, `closing`.
"""
