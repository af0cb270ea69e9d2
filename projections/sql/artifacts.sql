CREATE TABLE artifact (
    serial_key        text COLLATE "C" PRIMARY KEY,
    serial            text   NOT NULL,
    component         text   NOT NULL,
    award_id          uuid   NOT NULL,
    position          bigint NOT NULL,
    stage             text   NOT NULL,
    recorded_at       timestamptz NOT NULL,
    changed_at        timestamptz NOT NULL,
    issued_on         text,
    printed_on        text,
    delivered_on      text,
    receiver_kind     text,
    receiver_name     text,
    receiver_relation text,
    returned_on       text,
    returned_by       text,
    return_reason     text
);
