"""The audit's functions in the database. They belong to the owner of the tables and run with its rights (SECURITY DEFINER)."""

# Arguments of the trigger: the primary key's column; the column with the child, or ''; the table through which the child is
# reached, or ''; the columns whose values are not kept.
RECORD_CHANGE = """
CREATE FUNCTION audit_record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was jsonb;
    became jsonb;
    whole jsonb;
    child text;
    concealed text;
BEGIN
    IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
    IF TG_OP <> 'DELETE' THEN became := to_jsonb(NEW); END IF;
    whole := coalesce(became, was);
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, was -> key), jsonb_object_agg(key, value) INTO was, became
          FROM jsonb_each(became) WHERE value IS DISTINCT FROM was -> key;
        IF became IS NULL THEN RETURN NULL; END IF;
    END IF;
    FOREACH concealed IN ARRAY string_to_array(TG_ARGV[3], ',') LOOP
        was := jsonb_set(was, ARRAY[concealed], '"(not kept)"', false);
        became := jsonb_set(became, ARRAY[concealed], '"(not kept)"', false);
    END LOOP;
    child := whole ->> nullif(TG_ARGV[1], '');
    IF TG_ARGV[2] <> '' THEN
        EXECUTE format('SELECT child_id::text FROM %I WHERE id = $1', TG_ARGV[2]) INTO child USING child::bigint;
    END IF;
    INSERT INTO audit_change (at, table_name, row_id, child_id, verb, old, new, user_id, request_id, why, db_user)
    VALUES (clock_timestamp(), TG_TABLE_NAME, whole ->> TG_ARGV[0], child, left(TG_OP, 1), was, became,
            coalesce(current_setting('vs.user_id', true), ''), coalesce(current_setting('vs.request_id', true), ''),
            coalesce(current_setting('vs.why', true), ''), session_user);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION audit_record_change() FROM PUBLIC;
"""

REFUSE_CHANGE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
REVOKE ALL ON FUNCTION audit_refuse_change() FROM PUBLIC;
"""

# The text that is digested is the row as jsonb (keys in one order, times in UTC), cut to the columns that the seal covers.
ROW_DIGESTS = """
CREATE FUNCTION audit_row_digests(stream text, first_id bigint, last_id bigint, covered text[])
RETURNS TABLE (row_id bigint, row_digest bytea)
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT t.id, sha256(convert_to((SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(to_jsonb(t)) e '
        'WHERE e.key = ANY ($3))::text, ''UTF8'')) FROM %I t WHERE t.id BETWEEN $1 AND $2 ORDER BY t.id', stream)
    USING first_id, last_id, covered;
END $$;
"""

# The boundary is the highest id below which no insert is in flight. An insert holds its table lock until it commits, so whoever
# gets the SHARE lock sees none. NOWAIT and the rolled-back block keep that lock off everybody else's way.
SEAL = """
CREATE FUNCTION audit_seal(sealed_stream text, at_most integer DEFAULT 5000) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    last_seal audit_seal%ROWTYPE;
    start_id bigint;
    boundary bigint;
    quiet boolean := false;
    covered text[];
    ids bigint[];
    digests bytea;
    head text;
BEGIN
    IF sealed_stream NOT IN ('audit_change', 'audit_auditevent', 'audit_accesslog') THEN
        RAISE EXCEPTION 'no such stream: %', sealed_stream;
    END IF;
    LOCK TABLE audit_seal IN SHARE ROW EXCLUSIVE MODE;
    FOR attempt IN 1..20 LOOP
        BEGIN
            EXECUTE format('LOCK TABLE %I IN SHARE MODE NOWAIT', sealed_stream);
            EXECUTE format('SELECT max(id) FROM %I', sealed_stream) INTO boundary;
            quiet := true;
            RAISE EXCEPTION 'release the lock' USING ERRCODE = 'VS001';
        EXCEPTION
            WHEN SQLSTATE 'VS001' THEN EXIT;
            WHEN lock_not_available THEN PERFORM pg_sleep(0.1);
        END;
    END LOOP;
    IF NOT quiet THEN RETURN NULL; END IF;
    SELECT * INTO last_seal FROM audit_seal WHERE stream = sealed_stream ORDER BY to_id DESC LIMIT 1;
    start_id := coalesce(last_seal.to_id, 0) + 1;
    EXECUTE format('SELECT max(id) FROM (SELECT id FROM %I WHERE id BETWEEN $1 AND $2 ORDER BY id LIMIT $3) s', sealed_stream)
        INTO boundary USING start_id, boundary, at_most;
    IF boundary IS NULL THEN RETURN 0; END IF;
    SELECT array_agg(attname::text ORDER BY attname::text COLLATE "C") INTO covered FROM pg_attribute
        WHERE attrelid = sealed_stream::regclass AND attnum > 0 AND NOT attisdropped;
    SELECT array_agg(row_id ORDER BY row_id), string_agg(row_digest, ''::bytea ORDER BY row_id) INTO ids, digests
        FROM audit_row_digests(sealed_stream, start_id, boundary, covered);
    head := concat_ws(':', sealed_stream, start_id, boundary, cardinality(ids), array_to_string(covered, ','), array_to_string(ids, ','));
    INSERT INTO audit_seal (at, stream, from_id, to_id, rows, columns, row_ids, row_digests, previous, digest)
    VALUES (clock_timestamp(), sealed_stream, start_id, boundary, cardinality(ids), covered, ids, digests,
            coalesce(last_seal.digest, ''::bytea),
            sha256(coalesce(last_seal.digest, ''::bytea) || convert_to(head, 'UTF8') || digests));
    RETURN cardinality(ids);
END $$;
REVOKE ALL ON FUNCTION audit_seal(text, integer) FROM PUBLIC;
"""

# audit_seal() names the table's row type, so it comes after the table; the triggers' functions come before their triggers.
TRIGGER_FUNCTIONS = RECORD_CHANGE + REFUSE_CHANGE
DROP_TRIGGER_FUNCTIONS = "DROP FUNCTION audit_record_change(); DROP FUNCTION audit_refuse_change();"
SEAL_FUNCTIONS = ROW_DIGESTS + SEAL
DROP_SEAL_FUNCTIONS = (
    "DROP FUNCTION audit_seal(text, integer); DROP FUNCTION audit_row_digests(text, bigint, bigint, text[]);"
)
