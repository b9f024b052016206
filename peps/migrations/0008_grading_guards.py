"""What the database itself refuses of a grading: marks that are no bands, and a draft by somebody who wrote in the PEP."""

from django.db import migrations

MARKS = """
    ALTER TABLE peps_pepreview ADD CONSTRAINT marks_are_bands CHECK (
        jsonb_typeof(marks) = 'object'
        AND NOT jsonb_path_exists(marks, '$.* ? (!(exists(@.band ? (@ == "gold" || @ == "green" || @ == "amber" || @ == "red" || @ == "na"))) || @.band.type() != "string")')
    );
"""
DRAFTS = """
    CREATE TRIGGER author_guard BEFORE INSERT OR UPDATE ON peps_gradingdraft
        FOR EACH ROW EXECUTE FUNCTION peps_refuse_own_review();
"""
UNDO = """
    ALTER TABLE peps_pepreview DROP CONSTRAINT marks_are_bands;
    DROP TRIGGER author_guard ON peps_gradingdraft;
"""


class Migration(migrations.Migration):
    dependencies = [("peps", "0007_rubric")]

    operations = [migrations.RunSQL(MARKS + DRAFTS, UNDO)]
