"""What Django's migrations cannot say: the table of marks in monthly partitions, and the functions that keep it."""

DAY_TABLE = """
CREATE TABLE attendance_day (
    child_id bigint NOT NULL,
    date date NOT NULL,
    am "char",
    pm "char",
    am_source smallint,
    pm_source smallint,
    PRIMARY KEY (child_id, date),
    CONSTRAINT attendance_day_has_a_mark CHECK (am IS NOT NULL OR pm IS NOT NULL),
    CONSTRAINT morning_mark_has_a_source CHECK ((am IS NULL) = (am_source IS NULL)),
    CONSTRAINT afternoon_mark_has_a_source CHECK ((pm IS NULL) = (pm_source IS NULL))
) PARTITION BY RANGE (date);
"""
DROP_DAY_TABLE = "DROP TABLE attendance_day;"

# The application's role owns no table and makes none; this makes the one kind it may need, for months of this and the last century's
# schools. Whoever may connect may call it: a month without rows harms nobody. Rights on the marks are checked on the whole table,
# so a new month needs none of its own. Attaching a table that stands already does not keep readers and writers waiting.
MONTHS = """
CREATE FUNCTION attendance_make_months(wanted date[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first_day date;
    name text;
    made integer := 0;
BEGIN
    FOR first_day IN SELECT DISTINCT date_trunc('month', one)::date FROM unnest(wanted) one ORDER BY 1 LOOP
        name := 'attendance_day_' || to_char(first_day, 'YYYYMM');
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        IF first_day NOT BETWEEN '1980-01-01' AND '2199-12-01' THEN
            RAISE EXCEPTION 'No marks are kept for %', first_day USING ERRCODE = 'datetime_field_overflow';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('attendance_make_months'));
        CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE attendance_day INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE attendance_day ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                       name, first_day, (first_day + interval '1 month')::date);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
"""
DROP_MONTHS = "DROP FUNCTION attendance_make_months(date[]);"

# The same arithmetic as attendance.yearbits.
PLACES = """
CREATE FUNCTION attendance_year_of(on_day date) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN extract(year FROM on_day - interval '7 months')::smallint;
CREATE FUNCTION attendance_place_of(on_day date) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2 * (on_day - make_date(extract(year FROM on_day - interval '7 months')::integer, 8, 1));
"""
DROP_PLACES = "DROP FUNCTION attendance_place_of(date); DROP FUNCTION attendance_year_of(date);"

# One statement for a whole feed. A change of the key itself shows as a removal and a first entry.
CHANGES = """
CREATE FUNCTION attendance_record_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO attendance_markchange (at, child_id, date, session, was, became, source_was, source_became,
                                           user_id, request_id, why, db_user)
        SELECT clock_timestamp(), o.child_id, o.date, s.session, s.was, s.became, s.source_was, s.source_became,
               coalesce(current_setting('vs.user_id', true), ''), coalesce(current_setting('vs.request_id', true), ''),
               coalesce(current_setting('vs.why', true), ''), session_user
        FROM old_rows o LEFT JOIN new_rows n USING (child_id, date)
        CROSS JOIN LATERAL (VALUES ('AM', o.am, n.am, o.am_source, n.am_source), ('PM', o.pm, n.pm, o.pm_source, n.pm_source))
            s (session, was, became, source_was, source_became)
        WHERE s.was IS NOT NULL AND (s.was, s.source_was) IS DISTINCT FROM (s.became, s.source_became);
    ELSE
        INSERT INTO attendance_markchange (at, child_id, date, session, was, became, source_was, source_became,
                                           user_id, request_id, why, db_user)
        SELECT clock_timestamp(), o.child_id, o.date, s.session, s.was, NULL, s.source_was, NULL,
               coalesce(current_setting('vs.user_id', true), ''), coalesce(current_setting('vs.request_id', true), ''),
               coalesce(current_setting('vs.why', true), ''), session_user
        FROM old_rows o CROSS JOIN LATERAL (VALUES ('AM', o.am, o.am_source), ('PM', o.pm, o.pm_source)) s (session, was, source_was)
        WHERE s.was IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION attendance_record_changes() FROM PUBLIC;
CREATE TRIGGER corrections AFTER UPDATE ON attendance_day REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION attendance_record_changes();
CREATE TRIGGER removals AFTER DELETE ON attendance_day REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION attendance_record_changes();
"""
DROP_CHANGES = """
DROP TRIGGER corrections ON attendance_day;
DROP TRIGGER removals ON attendance_day;
DROP FUNCTION attendance_record_changes();
"""

# Room in each page for the day's new bits, so that a feed rewrites rows where they stand.
YEAR_ROOM = "ALTER TABLE attendance_year SET (fillfactor = 70);"
YEAR_NO_ROOM = "ALTER TABLE attendance_year RESET (fillfactor);"
