CREATE TABLE duty (
    award_id       uuid NOT NULL,
    ordinal        int  NOT NULL,
    kind           text NOT NULL,
    serial         text,
    component      text,
    since          text,
    since_earliest date,
    due_on         text,
    due_latest     date,
    due_key        text COLLATE "C" NOT NULL,
    decision_id    uuid,
    PRIMARY KEY (award_id, ordinal)
);
