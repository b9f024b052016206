"""What the database itself refuses: an entry that does not come to nil, and a release without an approved PEP's agreed cost.

The books are checked when the transaction ends, because an entry and its postings are written one after the other.
"""

from django.db import migrations

BALANCE = """
    CREATE FUNCTION pupil_premium_entry_comes_to_nil() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        checked bigint;
        postings integer;
        pence bigint;
    BEGIN
        checked := CASE TG_TABLE_NAME WHEN 'pupil_premium_entry' THEN (to_jsonb(NEW) ->> 'id')::bigint
                                      ELSE (to_jsonb(NEW) ->> 'entry_id')::bigint END;
        SELECT count(*), coalesce(sum(amount_pence), 0) INTO postings, pence
            FROM pupil_premium_posting WHERE entry_id = checked;
        IF postings < 2 OR pence <> 0 THEN
            RAISE EXCEPTION 'Entry % has % postings that come to % pence', checked, postings, pence
                USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_comes_to_nil';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER comes_to_nil AFTER INSERT ON pupil_premium_posting
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pupil_premium_entry_comes_to_nil();
    CREATE CONSTRAINT TRIGGER comes_to_nil AFTER INSERT ON pupil_premium_entry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pupil_premium_entry_comes_to_nil();
"""

LINE = """
    CREATE FUNCTION pupil_premium_line_has_an_agreed_cost() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (
            SELECT FROM peps_pepcost c
                JOIN peps_peptarget t ON t.id = c.target_id
                JOIN peps_pep p ON p.id = t.pep_id
            WHERE c.id = NEW.cost_id AND p.id = NEW.pep_id AND p.child_id = NEW.child_id
                AND c.agreed AND c.agreed_by_id = NEW.agreed_by_id AND p.state IN ('complete', 'superseded')
                AND NEW.amount_pence <= c.sessions_a_week::bigint * c.weeks * c.price_pence
        ) THEN
            RAISE EXCEPTION 'A line is released only for an agreed cost of an approved PEP'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'line_has_an_agreed_cost';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER line_guard BEFORE INSERT ON pupil_premium_release
        FOR EACH ROW EXECUTE FUNCTION pupil_premium_line_has_an_agreed_cost();

    CREATE FUNCTION pupil_premium_line_moves_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (NEW.cost_id, NEW.child_id, NEW.pep_id, NEW.amount_pence, NEW.agreed_by_id, NEW.releasable_on)
            IS DISTINCT FROM (OLD.cost_id, OLD.child_id, OLD.pep_id, OLD.amount_pence, OLD.agreed_by_id, OLD.releasable_on)
        THEN
            RAISE EXCEPTION 'A line stays as it was agreed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'line_stays_as_agreed';
        END IF;
        IF OLD.entry_id IS NOT NULL AND NEW.entry_id IS DISTINCT FROM OLD.entry_id
            OR (OLD.state || '>' || NEW.state) <> ALL (ARRAY[
                'releasable>releasable', 'releasable>released', 'released>released', 'released>reversed', 'reversed>reversed'])
        THEN
            RAISE EXCEPTION 'A line is released once and reversed once'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'line_moves_once';
        END IF;
        IF OLD.state = 'releasable' AND NEW.state = 'released' AND NOT EXISTS (
            SELECT FROM pupil_premium_posting
            WHERE entry_id = NEW.entry_id AND account = 'paid' AND amount_pence = NEW.amount_pence
        ) THEN
            RAISE EXCEPTION 'A line is released with the entry that pays it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'line_paid_by_its_entry';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER moves_guard BEFORE UPDATE ON pupil_premium_release
        FOR EACH ROW EXECUTE FUNCTION pupil_premium_line_moves_once();
"""

UNDO = """
    DROP TRIGGER comes_to_nil ON pupil_premium_posting;
    DROP TRIGGER comes_to_nil ON pupil_premium_entry;
    DROP TRIGGER line_guard ON pupil_premium_release;
    DROP TRIGGER moves_guard ON pupil_premium_release;
    DROP FUNCTION pupil_premium_entry_comes_to_nil();
    DROP FUNCTION pupil_premium_line_has_an_agreed_cost();
    DROP FUNCTION pupil_premium_line_moves_once();
"""


class Migration(migrations.Migration):
    dependencies = [("pupil_premium", "0002_append_only_books"), ("peps", "0001_initial")]

    operations = [migrations.RunSQL(BALANCE + LINE, UNDO)]
