-- Which key the personal values of this database are sealed under: one value that follows from the
-- key and from which the key does not. Made before the first person's key is wrapped, kept for ever.
SET ROLE sovang_owner;

CREATE TABLE log.key_check (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    value    bytea NOT NULL CHECK (octet_length(value) = 32)
);

CREATE TRIGGER key_check_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON log.key_check
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
GRANT SELECT ON log.key_check TO sovang_writer, sovang_reader, sovang_projector;
RESET ROLE;
