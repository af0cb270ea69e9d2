-- The sealed log: a Merkle tree over the facts, its signed heads, and whose keys count.
--
-- Append-only and never dropped. One row for each tile of the tree, which only ever grows at its
-- end: what a tile was at any past size is a beginning of what it is now, so every past head can
-- be proved from these rows. The database refuses everything but extension, whoever asks.
SET ROLE sovang_owner;

CREATE TABLE log.tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL
        CHECK (octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192),
    PRIMARY KEY (level, index)
);
-- Hashes do not compress; kept plain, a part of a tile is read without the rest.
ALTER TABLE log.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Heads of the tree: the note that the log signed, as it was published.
CREATE TABLE log.checkpoints (
    size      bigint      PRIMARY KEY CHECK (size > 0),
    note      bytea       NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What witnesses said about a head: one signature line of each, added when it comes.
CREATE TABLE log.cosignatures (
    size    bigint NOT NULL REFERENCES log.checkpoints,
    witness text   NOT NULL,
    line    text   NOT NULL,
    PRIMARY KEY (size, witness)
);

-- Every version of the key list, as the roots signed it.
CREATE TABLE log.key_lists (
    version bigint PRIMARY KEY CHECK (version > 0),
    note    bytea  NOT NULL
);


CREATE FUNCTION log.only_extend() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.level, NEW.index) = (OLD.level, OLD.index)
       AND substring(NEW.hashes FOR octet_length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a tile of the sealed log can only be extended' USING ERRCODE = 'SV003';
END $$;

CREATE FUNCTION log.only_grow() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.size <= (SELECT coalesce(max(c.size), 0) FROM log.checkpoints c)
       OR NEW.size > (SELECT h.position FROM log.head h) THEN
        RAISE EXCEPTION 'a head of the sealed log must be larger, and within the log'
            USING ERRCODE = 'SV003';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tiles_only_extend BEFORE UPDATE ON log.tiles
    FOR EACH ROW EXECUTE FUNCTION log.only_extend();
CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON log.checkpoints
    FOR EACH ROW EXECUTE FUNCTION log.only_grow();
CREATE TRIGGER tiles_stay BEFORE DELETE OR TRUNCATE ON log.tiles
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER checkpoints_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER cosignatures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER key_lists_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.key_lists
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();


-- Erases persons: their keys go, and with them everything that was sealed under them. Called in
-- the transaction that records why; nobody may delete a key otherwise.
CREATE FUNCTION log.destroy_keys(persons uuid[]) RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$
    WITH destroyed AS (
        DELETE FROM log.subject_keys k WHERE k.subject = ANY(persons) RETURNING 1
    )
    SELECT count(*) FROM destroyed
$$;

REVOKE ALL ON FUNCTION log.only_extend, log.only_grow, log.destroy_keys FROM PUBLIC;
GRANT SELECT ON log.tiles, log.checkpoints, log.cosignatures, log.key_lists
    TO sovang_writer, sovang_reader, sovang_projector;
GRANT INSERT ON log.tiles, log.checkpoints TO sovang_projector;
GRANT UPDATE (hashes) ON log.tiles TO sovang_projector;
GRANT INSERT ON log.cosignatures, log.key_lists TO sovang_writer;
GRANT EXECUTE ON FUNCTION log.destroy_keys TO sovang_writer;
RESET ROLE;
