"""A completed PEP that was opened to be changed is complete again when the change is withdrawn.

One that was never complete does not get there: ``pep_complete_on_a_day`` asks for the day on which it was.
"""

from django.db import migrations

MOVE = "returned>complete"
BEFORE = (
    "planned>preparing,planned>cancelled,preparing>rearranged,preparing>meeting_held,preparing>cancelled,"
    "rearranged>preparing,rearranged>cancelled,meeting_held>submitted,meeting_held>cancelled,submitted>in_qa,"
    "submitted>returned,submitted>complete,submitted>cancelled,in_qa>returned,in_qa>complete,in_qa>cancelled,"
    "returned>submitted,returned>cancelled,complete>superseded,complete>returned"
)


def guard(moves: str) -> str:
    return f"""
    CREATE OR REPLACE FUNCTION peps_refuse_jump() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (OLD.state || '>' || NEW.state) = ANY ('{{{moves}}}'::text[]) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'A PEP does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pep_moves_by_the_table';
    END $$;
    """


class Migration(migrations.Migration):
    dependencies = [("peps", "0018_form_by_hand")]

    operations = [migrations.RunSQL(guard(f"{BEFORE},{MOVE}"), guard(BEFORE))]
