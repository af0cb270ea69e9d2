-- The same 64 bits of the same SHA-256, read as a number in one step where PostgreSQL can (from 18
-- on): the way over a text of bits took 3 of 10 microseconds for each fact that is appended.
SET ROLE sovang_owner;

DO $migration$
BEGIN
    IF current_setting('server_version_num')::integer >= 180000 THEN
        CREATE OR REPLACE FUNCTION log.fact_digest(
            notification_id bigint, originator_id uuid, originator_version bigint,
            topic text, state bytea
        ) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT substr(sha256(
                int8send(notification_id) || uuid_send(originator_id)
                || int8send(originator_version)
                || convert_to(topic, 'UTF8') || '\x00'::bytea || state), 1, 8)::bigint
        $$;
    END IF;
END $migration$;

RESET ROLE;
