"""A completed PEP may be opened again, with a reason that stands until the next version has it."""

from django.db import migrations, models

MOVE = "complete>returned"
BEFORE = (
    "planned>preparing,planned>cancelled,preparing>rearranged,preparing>meeting_held,preparing>cancelled,"
    "rearranged>preparing,rearranged>cancelled,meeting_held>submitted,meeting_held>cancelled,submitted>in_qa,"
    "submitted>returned,submitted>complete,submitted>cancelled,in_qa>returned,in_qa>complete,in_qa>cancelled,"
    "returned>submitted,returned>cancelled,complete>superseded"
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
    dependencies = [("peps", "0013_voice")]

    operations = [
        migrations.AddField(
            model_name="pep",
            name="amended_why",
            field=models.CharField(
                blank=True, help_text="Why it was opened again, until that is complete.", max_length=200
            ),
        ),
        migrations.RunSQL(guard(f"{BEFORE},{MOVE}"), guard(BEFORE)),
    ]
