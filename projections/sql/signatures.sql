CREATE TABLE signature (
    status_index bigint PRIMARY KEY,
    list         bigint  NOT NULL,
    award_id     uuid    NOT NULL,
    serial_key   text COLLATE "C" NOT NULL,
    position     bigint  NOT NULL,
    digest       bytea   NOT NULL,
    in_force     boolean NOT NULL,
    -- The award's version that this row tells of: behind the log, the row answers nothing.
    version      bigint  NOT NULL,
    form         text    NOT NULL,
    standing     jsonb   NOT NULL,
    holder       jsonb   NOT NULL
);
