CREATE TABLE decision (
    id               uuid   PRIMARY KEY,
    position         bigint NOT NULL,
    version          bigint NOT NULL,
    recorded_at      timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    recorded_by      text NOT NULL,
    office           text NOT NULL,
    number           text NOT NULL,
    number_key       text COLLATE "C" NOT NULL,
    issuer           text NOT NULL,
    issuer_key       text COLLATE "C" NOT NULL,
    identity         uuid NOT NULL,
    decided_on       text,
    decided_earliest date,
    decided_latest   date,
    kind             text NOT NULL,
    standing         text NOT NULL,
    signatory        text,
    signatory_title  text,
    summary          text,
    legal_basis      text,
    scan_sha256      text,
    source_kind      text NOT NULL,
    certainty        text NOT NULL,
    source_reference text,
    source_row       bigint
);

-- What rests on a decision beside the awards that it made: an award that it takes away, restores
-- or corrects, another decision that it cancels, a case that it lets go on.
CREATE TABLE resting (
    position    bigint PRIMARY KEY,
    decision_id uuid NOT NULL,
    record_id   uuid NOT NULL,
    event       text NOT NULL
);
