CREATE TABLE held (
    serial_key     text COLLATE "C" PRIMARY KEY,
    serial         text   NOT NULL,
    component      text   NOT NULL,
    award_id       uuid   NOT NULL,
    position       bigint NOT NULL,
    receipt        text   NOT NULL,
    taken_on       text   NOT NULL,
    taken_latest   date   NOT NULL,
    due_on         text,
    due_latest     date,
    purpose        text   NOT NULL,
    condition      text,
    kept_at        text   NOT NULL,
    surrendered_by text   NOT NULL,
    relation       text,
    superseded_by  text,
    office         text   NOT NULL
);
