"""The read side: registers built from the facts of the log, and the questions they answer.

Reading order: `projection` (what a register is), `ledger` (how far each has come and whether it
missed anything), `runner` (follows the log), `rebuild` (fills beside and swaps), then the
registers, listed in `registers`, a module each; `search` asks several of them; `as_of` folds the
facts of one record, which needs no register.

Every register has a schema of its own name. Tables are defined in `sql/NAME.sql` and
`sql/NAME_indexes.sql` without a schema, because a rebuild fills them in another one; queries
name the schema. A query that needs several statements may meet a swap between two of them:
each statement sees a whole register, the old or the new.
"""
