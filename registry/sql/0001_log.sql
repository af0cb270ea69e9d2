-- The log of facts: append-only, dense, one order for everybody.
--
-- Roles: sovang_owner owns, sovang_writer appends, sovang_reader reads, sovang_projector reads
-- and keeps the registers. Nobody may change or remove a fact, the owner included.
--
-- Column names of log.facts are those of the eventsourcing library, so that its recorder and
-- its notification log read this table.

CREATE SCHEMA log AUTHORIZATION sovang_owner;
SET ROLE sovang_owner;

CREATE TABLE log.facts (
    notification_id    bigint NOT NULL,
    originator_id      uuid   NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version > 0),
    topic              text   NOT NULL CHECK (topic <> ''),
    state              bytea  NOT NULL,
    CONSTRAINT facts_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT facts_position UNIQUE (notification_id)
);

-- The head of the log: position of the last fact, how many there are, and a digest over all of
-- them that does not depend on the order in which it is computed. Its row is the lock that
-- makes the order of positions the order of commits: whoever appends holds it until the end of
-- his transaction.
CREATE TABLE log.head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint  NOT NULL,
    facts    bigint  NOT NULL,
    digest   bigint  NOT NULL
);
INSERT INTO log.head (position, facts, digest) VALUES (0, 0, 0);

-- Names that one stream only may hold (a decision's identity, an award's meaning, a serial, an
-- idempotency key). Written with the facts that take them; can be rebuilt from the log.
CREATE TABLE log.claims (
    key    bytea PRIMARY KEY,
    kind   text  NOT NULL,
    stream uuid  NOT NULL
);

-- Data keys of persons, wrapped. Destroying a row erases the person's sealed values for good.
CREATE TABLE log.subject_keys (
    subject uuid  PRIMARY KEY,
    wrapped bytea NOT NULL
);

-- Running numbers inside the serials that the registry itself allots.
CREATE SEQUENCE log.serial_number;


CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: what was recorded stays recorded',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'SV003';
END $$;

CREATE TRIGGER facts_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.facts
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER claims_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON log.claims
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER subject_keys_stay BEFORE UPDATE OR TRUNCATE ON log.subject_keys
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON log.head
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();


-- 64 bits of SHA-256 over a fact and its place; the head's digest is the XOR of them all.
CREATE FUNCTION log.fact_digest(
    notification_id bigint, originator_id uuid, originator_version bigint, topic text, state bytea
) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || encode(substr(sha256(
        int8send(notification_id) || uuid_send(originator_id) || int8send(originator_version)
        || convert_to(topic, 'UTF8') || '\x00'::bytea || state), 1, 8), 'hex'))::bit(64)::bigint
$$;

-- Runs after every INSERT on log.facts, whoever made it: new facts must stand directly behind
-- the head, and the head moves with them. A writer that takes no lock waits here, and fails
-- if somebody else was faster.
CREATE FUNCTION log.advance_head() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    added bigint;
    lowest bigint;
    highest bigint;
    sum_of_digests bigint;
BEGIN
    SELECT count(*), min(n.notification_id), max(n.notification_id),
           bit_xor(log.fact_digest(n.notification_id, n.originator_id, n.originator_version,
                                   n.topic, n.state))
      INTO added, lowest, highest, sum_of_digests FROM new_facts n;
    IF added = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE log.head h
       SET position = highest, facts = h.facts + added, digest = h.digest # sum_of_digests
     WHERE h.position + 1 = lowest AND highest - lowest + 1 = added;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'facts must be appended directly behind the head of the log'
            USING ERRCODE = 'SV004';
    END IF;
    PERFORM pg_notify('facts', highest::text);
    RETURN NULL;
END $$;

CREATE TRIGGER facts_advance_head AFTER INSERT ON log.facts
    REFERENCING NEW TABLE AS new_facts
    FOR EACH STATEMENT EXECUTE FUNCTION log.advance_head();


-- Takes the lock of the log until the end of the transaction; returns the last position.
CREATE FUNCTION log.lock_head() RETURNS bigint LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog AS $$
    SELECT h.position FROM log.head h FOR UPDATE
$$;

-- Fails unless every named stream is still at the version that the caller read.
CREATE FUNCTION log.check_expected(streams uuid[], versions bigint[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
    changed uuid;
BEGIN
    SELECT e.stream INTO changed FROM unnest(streams, versions) AS e(stream, version)
     WHERE e.version <> (SELECT coalesce(max(f.originator_version), 0) FROM log.facts f
                          WHERE f.originator_id = e.stream) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'stream % changed since it was read', changed
            USING ERRCODE = 'SV001', DETAIL = changed::text;
    END IF;
END $$;

-- Appends facts with their claims and keys, in one statement: all of it or nothing.
-- Returns the position of the first fact, and key and holder of every soft claim that another
-- stream holds already.
CREATE FUNCTION log.append(
    streams uuid[], versions bigint[], names text[], states bytea[],
    claim_keys bytea[], claim_kinds text[], claim_streams uuid[], claim_soft boolean[],
    expected_streams uuid[], expected_versions bigint[],
    subjects uuid[], wrapped_keys bytea[]
) RETURNS TABLE (first_position bigint, held_key bytea, held_by uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    last_position bigint := log.lock_head();
    held record;
BEGIN
    IF cardinality(expected_streams) > 0 THEN
        PERFORM log.check_expected(expected_streams, expected_versions);
    END IF;
    IF cardinality(claim_keys) > 0 THEN
        SELECT c.key, c.stream INTO held
          FROM unnest(claim_keys, claim_kinds, claim_streams, claim_soft)
               AS w(key, kind, stream, soft)
          JOIN log.claims c ON c.key = w.key
         -- A record may take its own name again; a request key is good for one time.
         WHERE NOT w.soft AND (c.stream <> w.stream OR w.kind = 'request') LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'claim is taken' USING ERRCODE = 'SV002',
                DETAIL = encode(held.key, 'hex') || ' ' || held.stream::text;
        END IF;
        RETURN QUERY
            SELECT last_position + 1, c.key, c.stream
              FROM unnest(claim_keys, claim_streams, claim_soft) AS w(key, stream, soft)
              JOIN log.claims c ON c.key = w.key
             WHERE w.soft AND c.stream <> w.stream;
        INSERT INTO log.claims (key, kind, stream)
            SELECT w.key, w.kind, w.stream
              FROM unnest(claim_keys, claim_kinds, claim_streams) AS w(key, kind, stream)
            ON CONFLICT (key) DO NOTHING;
    END IF;
    IF cardinality(subjects) > 0 THEN
        INSERT INTO log.subject_keys (subject, wrapped)
            SELECT k.subject, k.wrapped FROM unnest(subjects, wrapped_keys) AS k(subject, wrapped);
    END IF;
    INSERT INTO log.facts (notification_id, originator_id, originator_version, topic, state)
        SELECT last_position + f.place, f.stream, f.version, f.name, f.state
          FROM unnest(streams, versions, names, states) WITH ORDINALITY
               AS f(stream, version, name, state, place);
    RETURN QUERY SELECT last_position + 1, NULL::bytea, NULL::uuid;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT USAGE ON SCHEMA log TO sovang_writer, sovang_reader, sovang_projector;
GRANT SELECT ON log.facts, log.head, log.claims TO sovang_writer, sovang_reader, sovang_projector;
GRANT SELECT ON log.subject_keys TO sovang_writer, sovang_reader;
-- INSERT is for the bulk path, which copies; positions are still checked by the head.
GRANT INSERT ON log.facts, log.claims, log.subject_keys TO sovang_writer;
GRANT USAGE ON SEQUENCE log.serial_number TO sovang_writer;
GRANT EXECUTE ON FUNCTION log.lock_head, log.check_expected, log.append TO sovang_writer;
GRANT EXECUTE ON FUNCTION log.fact_digest TO sovang_writer, sovang_reader, sovang_projector;
RESET ROLE;
