"""What the database itself refuses of a second marking: the first marker, somebody who wrote in the PEP, marks that are no bands or change."""

from django.db import migrations

MARKS = """
    ALTER TABLE peps_secondmark ADD CONSTRAINT second_marks_are_bands CHECK (
        jsonb_typeof(marks) = 'object'
        AND NOT jsonb_path_exists(marks, '$.* ? (!(exists(@.band ? (@ == "gold" || @ == "green" || @ == "amber" || @ == "red" || @ == "na"))) || @.band.type() != "string")')
    );
"""
AUTHORS = """
    CREATE TRIGGER author_guard BEFORE INSERT OR UPDATE OF by_id, pep_id ON peps_secondmark
        FOR EACH ROW EXECUTE FUNCTION peps_refuse_own_review();
"""
SECOND = """
    CREATE FUNCTION peps_refuse_second_mark() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE first peps_pepreview;
    BEGIN
        SELECT * INTO first FROM peps_pepreview WHERE id = NEW.review_id;
        IF first.pep_id IS DISTINCT FROM NEW.pep_id OR first.decision <> 'approved' OR first.rubric = '' THEN
            RAISE EXCEPTION 'Only an approval of the same PEP by a rubric is marked a second time'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'second_marking_of_an_approval';
        END IF;
        IF first.by_id = NEW.by_id THEN
            RAISE EXCEPTION 'Nobody marks a PEP twice'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_marks_twice';
        END IF;
        IF TG_OP = 'UPDATE' AND (
            NEW.review_id <> OLD.review_id
            OR OLD.by_id IS NOT NULL
            AND (NEW.by_id, NEW.at, NEW.marks, NEW.grade, NEW.working, NEW.reason)
                IS DISTINCT FROM (OLD.by_id, OLD.at, OLD.marks, OLD.grade, OLD.working, OLD.reason)
        ) THEN
            RAISE EXCEPTION 'A second marking is not changed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'second_marking_stays';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER second_guard BEFORE INSERT OR UPDATE ON peps_secondmark
        FOR EACH ROW EXECUTE FUNCTION peps_refuse_second_mark();
"""
UNDO = """
    DROP TRIGGER second_guard ON peps_secondmark;
    DROP FUNCTION peps_refuse_second_mark();
    DROP TRIGGER author_guard ON peps_secondmark;
    ALTER TABLE peps_secondmark DROP CONSTRAINT second_marks_are_bands;
"""


class Migration(migrations.Migration):
    dependencies = [("peps", "0016_second_marks")]

    operations = [migrations.RunSQL(MARKS + AUTHORS + SECOND, UNDO)]
