-- Names of what was entered by mistake are free again. A claim is not removed: it is released, and
-- says who bore the name last until somebody takes it anew. Whoever has a hand in the database
-- cannot release the names of a record that was not withdrawn, nor give away those that are held.
SET ROLE sovang_owner;

ALTER TABLE log.claims ADD COLUMN released boolean NOT NULL DEFAULT false;
CREATE INDEX claims_released ON log.claims (key) WHERE released;

CREATE FUNCTION log.only_release() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.key, NEW.kind) = (OLD.key, OLD.kind) THEN
        IF OLD.released AND NOT NEW.released AND NEW.stream <> OLD.stream THEN
            RETURN NEW;
        END IF;
        IF NOT OLD.released AND NEW.released AND NEW.stream = OLD.stream
           AND NEW.kind IN ('award', 'decision', 'golden-number', 'receipt', 'serial')
           AND EXISTS (SELECT FROM log.facts f WHERE f.originator_id = OLD.stream
                          AND f.topic IN ('award-withdrawn.v1', 'decision-withdrawn.v1')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a name is released only with the record that was withdrawn'
        USING ERRCODE = 'SV003';
END $$;

DROP TRIGGER claims_stay ON log.claims;
CREATE TRIGGER claims_stay BEFORE DELETE OR TRUNCATE ON log.claims
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER claims_only_release BEFORE UPDATE ON log.claims
    FOR EACH ROW EXECUTE FUNCTION log.only_release();


-- Frees names that these records hold, in the transaction that records why.
CREATE FUNCTION log.release_claims(keys bytea[], streams uuid[]) RETURNS bigint LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH released AS (
        UPDATE log.claims c SET released = true
          FROM unnest(keys, streams) AS w(key, stream)
         WHERE c.key = w.key AND c.stream = w.stream AND NOT c.released
        RETURNING 1
    )
    SELECT count(*) FROM released
$$;

-- Takes names that were released, for the bulk path: COPY cannot. Returns those it took.
CREATE FUNCTION log.take_released(keys bytea[], streams uuid[]) RETURNS SETOF bytea LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE log.claims c SET stream = w.stream, released = false
      FROM unnest(keys, streams) AS w(key, stream)
     WHERE c.key = w.key AND c.released
    RETURNING c.key
$$;

-- Appends facts with their claims and keys, in one statement: all of it or nothing.
-- Returns the position of the first fact, and key and holder of every soft claim that another
-- stream holds already.
CREATE OR REPLACE FUNCTION log.append(
    streams uuid[], versions bigint[], names text[], states bytea[], marks bytea[],
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
         WHERE NOT w.soft AND NOT c.released AND (c.stream <> w.stream OR w.kind = 'request')
         LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'claim is taken' USING ERRCODE = 'SV002',
                DETAIL = encode(held.key, 'hex') || ' ' || held.stream::text;
        END IF;
        RETURN QUERY
            SELECT last_position + 1, c.key, c.stream
              FROM unnest(claim_keys, claim_streams, claim_soft) AS w(key, stream, soft)
              JOIN log.claims c ON c.key = w.key
             WHERE w.soft AND NOT c.released AND c.stream <> w.stream;
        INSERT INTO log.claims AS c (key, kind, stream)
            SELECT w.key, w.kind, w.stream
              FROM unnest(claim_keys, claim_kinds, claim_streams) AS w(key, kind, stream)
            ON CONFLICT (key) DO UPDATE SET stream = excluded.stream, released = false
             WHERE c.released;
    END IF;
    IF cardinality(subjects) > 0 THEN
        INSERT INTO log.subject_keys (subject, wrapped)
            SELECT k.subject, k.wrapped FROM unnest(subjects, wrapped_keys) AS k(subject, wrapped);
    END IF;
    INSERT INTO log.facts (notification_id, originator_id, originator_version, topic, state, mark)
        SELECT last_position + f.place, f.stream, f.version, f.name, f.state, f.mark
          FROM unnest(streams, versions, names, states, marks) WITH ORDINALITY
               AS f(stream, version, name, state, mark, place);
    RETURN QUERY SELECT last_position + 1, NULL::bytea, NULL::uuid;
END $$;

REVOKE ALL ON FUNCTION log.only_release, log.release_claims, log.take_released FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.release_claims, log.take_released TO sovang_writer;
RESET ROLE;
