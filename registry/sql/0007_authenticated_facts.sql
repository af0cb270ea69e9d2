-- Each fact carries a mark that only a holder of the home's key can make (registry.marks). The
-- database keeps it and cannot judge it; facts of older programs have none.
SET ROLE sovang_owner;

ALTER TABLE log.facts ADD COLUMN mark bytea CHECK (octet_length(mark) = 16);

DROP FUNCTION log.append(
    uuid[], bigint[], text[], bytea[], bytea[], text[], uuid[], boolean[],
    uuid[], bigint[], uuid[], bytea[]
);

-- Appends facts with their claims and keys, in one statement: all of it or nothing.
-- Returns the position of the first fact, and key and holder of every soft claim that another
-- stream holds already.
CREATE FUNCTION log.append(
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
    INSERT INTO log.facts (notification_id, originator_id, originator_version, topic, state, mark)
        SELECT last_position + f.place, f.stream, f.version, f.name, f.state, f.mark
          FROM unnest(streams, versions, names, states, marks) WITH ORDINALITY
               AS f(stream, version, name, state, mark, place);
    RETURN QUERY SELECT last_position + 1, NULL::bytea, NULL::uuid;
END $$;

REVOKE ALL ON FUNCTION log.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append TO sovang_writer;
RESET ROLE;
