CREATE TABLE item (
    id          uuid PRIMARY KEY,
    position    bigint NOT NULL,
    version     bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    recorded_by text    NOT NULL,
    office      text    NOT NULL,
    name        text    NOT NULL,
    component   text    NOT NULL,
    form        text,
    award_class text,
    design      text,
    numbered    boolean NOT NULL
);
-- Where pieces are now: serials that lie together, or for pieces without serials their number.
CREATE TABLE holding (
    item_id     uuid   NOT NULL,
    whereabouts text   NOT NULL,
    office      text,
    office_key  text COLLATE "C",
    store       text,
    condition   text,
    pieces      bigint NOT NULL,
    since       date   NOT NULL,
    series      text COLLATE "C",
    width       integer,
    prefix      text,
    first       bigint,
    last        bigint
);
-- Every movement as it was recorded; what a count found is told by its parts in the ledger.
CREATE TABLE movement (
    item_id            uuid   NOT NULL,
    version            bigint NOT NULL,
    position           bigint NOT NULL,
    recorded_at        timestamptz NOT NULL,
    recorded_by        text   NOT NULL,
    office             text   NOT NULL,
    basis              text,
    kind               text   NOT NULL,
    happened_on        text   NOT NULL,
    booked_on          date   NOT NULL,
    pieces             bigint NOT NULL,
    condition          text   NOT NULL,
    origin_office      text,
    origin_store       text,
    destination_office text,
    destination_store  text,
    counterpart        text,
    paper              text,
    reason             text,
    artifact           text,
    award_id           uuid,
    expected           bigint,
    PRIMARY KEY (item_id, version)
);
CREATE TABLE movement_range (
    item_id uuid    NOT NULL,
    version bigint  NOT NULL,
    series  text COLLATE "C" NOT NULL,
    width   integer NOT NULL,
    prefix  text    NOT NULL,
    first   bigint  NOT NULL,
    last    bigint  NOT NULL
);
-- The ledger: what each place gained or lost, and by what.
CREATE TABLE entry (
    item_id     uuid   NOT NULL,
    version     bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    booked_on   date   NOT NULL,
    line        text   NOT NULL,
    office      text   NOT NULL,
    office_key  text COLLATE "C" NOT NULL,
    store       text,
    condition   text   NOT NULL,
    pieces      bigint NOT NULL
);
