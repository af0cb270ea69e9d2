CREATE TABLE import (
    id          uuid PRIMARY KEY,
    version     bigint NOT NULL,
    run         integer NOT NULL,
    stage       text NOT NULL,
    file_name   text NOT NULL,
    file_sha256 text NOT NULL,
    kind        text NOT NULL,
    decision_id uuid,
    begun_at    timestamptz NOT NULL,
    begun_by    text NOT NULL,
    changed_at  timestamptz NOT NULL,
    last_row    bigint NOT NULL,
    rows        bigint NOT NULL,
    accepted    bigint NOT NULL,
    duplicates  bigint NOT NULL,
    rejected    bigint NOT NULL,
    warnings    bigint NOT NULL,
    withdrawn   bigint NOT NULL
);
-- Problems of the last run; `position` and `ordinal` say where they were recorded.
CREATE TABLE import_problem (
    import_id  uuid     NOT NULL,
    run        integer  NOT NULL,
    position   bigint   NOT NULL,
    ordinal    integer  NOT NULL,
    row_number bigint   NOT NULL,
    column_name text,
    code       text NOT NULL,
    severity   text NOT NULL,
    PRIMARY KEY (import_id, run, position, ordinal)
);
