CREATE TABLE holder (
    serial_key text COLLATE "C" PRIMARY KEY,
    serial     text   NOT NULL,
    component  text   NOT NULL,
    award_id   uuid   NOT NULL,
    position   bigint NOT NULL,
    kind       text   NOT NULL,
    name       text   NOT NULL,
    relation   text,
    since      text   NOT NULL,
    until      text,
    decision   text,
    kept_at    text
);
