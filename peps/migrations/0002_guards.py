"""What the database itself refuses: a PEP's state that jumps, and a decision on a PEP by somebody who wrote in it.

The moves are those of ``peps.workflow.PEP`` on the day of this migration; a test compares the two, and a change of the
table comes with a migration that replaces the function.
"""

from django.db import migrations

MOVES = [
    "planned>preparing",
    "planned>cancelled",
    "preparing>rearranged",
    "preparing>meeting_held",
    "preparing>cancelled",
    "rearranged>preparing",
    "rearranged>cancelled",
    "meeting_held>submitted",
    "meeting_held>cancelled",
    "submitted>in_qa",
    "submitted>returned",
    "submitted>complete",
    "submitted>cancelled",
    "in_qa>returned",
    "in_qa>complete",
    "in_qa>cancelled",
    "returned>submitted",
    "returned>cancelled",
    "complete>superseded",
]

STATE_GUARD = f"""
    CREATE FUNCTION peps_refuse_jump() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.state || '>' || NEW.state) = ANY ('{{{",".join(MOVES)}}}'::text[]) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'A PEP does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pep_moves_by_the_table';
    END $$;
    CREATE TRIGGER state_guard BEFORE UPDATE OF state ON peps_pep
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION peps_refuse_jump();
"""

REVIEW_GUARD = """
    CREATE FUNCTION peps_refuse_own_review() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM peps_pepauthor a WHERE a.pep_id = NEW.pep_id AND a.user_id = NEW.by_id)
           OR EXISTS (
               SELECT FROM peps_meetinginvitation i JOIN peps_pepmeeting m ON m.id = i.meeting_id
               WHERE m.pep_id = NEW.pep_id AND i.user_id = NEW.by_id AND i.seat IN ('social_worker', 'designated_teacher')
           )
        THEN
            RAISE EXCEPTION 'Nobody decides on a PEP that they wrote in'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_grades_own_writing';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER author_guard BEFORE INSERT OR UPDATE ON peps_pepreview
        FOR EACH ROW EXECUTE FUNCTION peps_refuse_own_review();
"""

UNDO = """
    DROP TRIGGER state_guard ON peps_pep;
    DROP FUNCTION peps_refuse_jump();
    DROP TRIGGER author_guard ON peps_pepreview;
    DROP FUNCTION peps_refuse_own_review();
"""


class Migration(migrations.Migration):
    dependencies = [("peps", "0001_initial")]

    operations = [migrations.RunSQL(STATE_GUARD + REVIEW_GUARD, UNDO)]
