-- How far each register has come, and the proof of which facts it applied. The row of a register
-- is the lock of whoever feeds it.
CREATE SCHEMA IF NOT EXISTS projection;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO sovang_reader, sovang_writer;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO sovang_reader, sovang_writer;
GRANT USAGE ON SCHEMA projection TO sovang_reader, sovang_writer;

CREATE TABLE IF NOT EXISTS projection.ledger (
    name        text PRIMARY KEY,
    definition  text        NOT NULL,
    position    bigint      NOT NULL DEFAULT 0,
    facts       bigint      NOT NULL DEFAULT 0,
    digest      bigint      NOT NULL DEFAULT 0,
    rebuilt_at  timestamptz,
    -- The last failure, until the facts it happened in have been applied after all.
    error_code  text,
    error_from  bigint,
    error_until bigint,
    failures    integer     NOT NULL DEFAULT 0,
    retry_at    timestamptz NOT NULL DEFAULT '-infinity'
);
GRANT SELECT ON projection.ledger TO sovang_reader, sovang_writer;

-- The digest of the program that prepared the registers last: see `projections.build`.
CREATE TABLE IF NOT EXISTS projection.prepared (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    build    text NOT NULL
);
GRANT SELECT ON projection.prepared TO sovang_reader, sovang_writer;
