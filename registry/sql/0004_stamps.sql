-- What a time stamping authority said about a head (RFC 3161): one token of one head.
SET ROLE sovang_owner;

CREATE TABLE log.stamps (
    size  bigint PRIMARY KEY REFERENCES log.checkpoints,
    token bytea  NOT NULL
);

CREATE TRIGGER stamps_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.stamps
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
GRANT SELECT ON log.stamps TO sovang_writer, sovang_reader, sovang_projector;
GRANT INSERT ON log.stamps TO sovang_writer;
RESET ROLE;
