"""A rule row changes in its end and its withdrawal only, and is never deleted: what was decided under it can be read."""

from django.db import migrations

KEEP = """
CREATE FUNCTION rulebook_keep_rule() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a rule is never deleted: %', OLD.key USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (to_jsonb(NEW) - 'effective_to' - 'withdrawn_at') IS DISTINCT FROM (to_jsonb(OLD) - 'effective_to' - 'withdrawn_at')
       OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) THEN
        RAISE EXCEPTION 'a rule is never rewritten: %', OLD.key USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rulebook_keep_rule BEFORE UPDATE OR DELETE ON rulebook_rule
    FOR EACH ROW EXECUTE FUNCTION rulebook_keep_rule();
"""

LET_GO = """
DROP TRIGGER rulebook_keep_rule ON rulebook_rule;
DROP FUNCTION rulebook_keep_rule();
"""


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]

    operations = [migrations.RunSQL(KEEP, LET_GO)]
