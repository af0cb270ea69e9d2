CREATE TABLE doubt (
    award_id    uuid        NOT NULL,
    ordinal     int         NOT NULL,
    code        text        COLLATE "C" NOT NULL,
    params      jsonb       NOT NULL,
    holds       boolean     NOT NULL,
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    office      text        NOT NULL,
    PRIMARY KEY (award_id, ordinal)
);
