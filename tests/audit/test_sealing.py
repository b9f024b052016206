"""A chain of seals: what was altered, deleted or slipped in is found and named."""

import json
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.audit.database import owner, run
from tests.factories.accounts import OrganisationFactory
from virtualschool.audit import sealing, tasks
from virtualschool.audit.enums import Stream
from virtualschool.audit.log import record
from virtualschool.audit.models import AuditEvent, Change, Seal

EVENTS = Stream.EVENT


def tell(count: int = 3) -> list[int]:
    """Events, as many as asked for; their ids."""
    team = OrganisationFactory()
    return [
        record(f"verb_{number}", by=None, subject=team, data={"n": number, "none": None}).pk for number in range(count)
    ]


def tamper(sql: str, params: list | None = None) -> None:
    with owner(triggers=False) as cursor:
        cursor.execute(sql, params)


def verify() -> tuple[int, dict]:
    """The exit code and the object that the command prints."""
    out, code = StringIO(), 0
    try:
        call_command("audit_verify", "--json", stdout=out)
    except SystemExit as left:
        code = left.code
    return code, json.loads(out.getvalue())


@pytest.mark.django_db
class TestWhole:
    def test_nothing_is_whole(self):
        code, found = verify()
        assert (code, found["whole"], found["seals"][EVENTS], found["heads"][EVENTS]) == (0, True, 0, "")

    def test_sealed_rows_are_counted(self):
        tell(3)
        assert sealing.seal(EVENTS) == 3
        assert sealing.seal(EVENTS) == 0
        tell(2)
        assert sealing.seal(EVENTS) == 2
        tell(1)
        code, found = verify()
        assert (code, found["rows"][EVENTS], found["seals"][EVENTS], found["unsealed"][EVENTS]) == (0, 5, 2, 1)
        assert found["heads"][EVENTS] == bytes(Seal.objects.filter(stream=EVENTS).latest("id").digest).hex()

    def test_a_seal_takes_as_many_rows_as_it_may(self):
        ids = tell(5)
        assert [sealing.seal(EVENTS, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert list(Seal.objects.order_by("id").values_list("row_ids", flat=True)) == [ids[:2], ids[2:4], ids[4:]]
        assert verify()[0] == 0

    def test_the_task_seals_every_stream(self):
        tell(2)
        tasks.seal()
        sealed = {seal.stream: seal.rows for seal in Seal.objects.all()}
        assert sealed == {Stream.CHANGE: Change.objects.count(), Stream.EVENT: 2}

    def test_the_sessions_time_zone_makes_no_difference(self):
        tell(1)
        sealing.seal(EVENTS)
        run("SET LOCAL timezone = 'Asia/Tokyo'")
        assert verify()[0] == 0

    def test_a_column_added_later_breaks_nothing(self):
        tell(2)
        sealing.seal(EVENTS)
        tamper("ALTER TABLE audit_auditevent ADD COLUMN later text DEFAULT 'new'")
        assert verify()[0] == 0

    def test_it_is_told_in_words(self, capsys):
        tell(1)
        sealing.seal(EVENTS)
        call_command("audit_verify")
        said = capsys.readouterr().out
        assert "audit_auditevent: 1 rows in 1 seals, 0 not sealed yet; newest digest " in said
        assert said.endswith("The chain is whole.\n")

    def test_another_table_is_no_stream(self):
        with pytest.raises(DatabaseError, match="no such stream"), transaction.atomic():
            sealing.seal("accounts_user")


@pytest.mark.django_db
class TestBroken:
    @pytest.fixture
    def ids(self):
        ids = tell(4)
        sealing.seal(EVENTS, 2)
        sealing.seal(EVENTS, 2)
        return ids

    def broken(self) -> str:
        code, found = verify()
        assert (code, found["whole"]) == (1, False)
        return found["broken"]

    @pytest.mark.parametrize("change", ["verb = 'x'", "data = '{}'", "at = at + interval '1 microsecond'", "by = '9'"])
    def test_an_altered_row_is_named(self, ids, change):
        tamper(f"UPDATE audit_auditevent SET {change} WHERE id = %s", [ids[2]])  # noqa: S608
        assert self.broken() == f"audit_auditevent: row {ids[2]} was altered"

    def test_a_deleted_row_is_named(self, ids):
        tamper("DELETE FROM audit_auditevent WHERE id = %s", [ids[1]])
        assert self.broken() == f"audit_auditevent: row {ids[1]} was deleted"

    def test_a_row_slipped_in_is_named(self):
        ids = tell(3)
        tamper("DELETE FROM audit_auditevent WHERE id = %s", [ids[1]])
        sealing.seal(EVENTS)
        tamper(
            "INSERT INTO audit_auditevent SELECT (jsonb_populate_record(e, jsonb_build_object('id', %s))).*"
            " FROM audit_auditevent e WHERE id = %s",
            [ids[1], ids[0]],
        )
        assert self.broken() == f"audit_auditevent: row {ids[1]} was slipped in"

    def test_the_first_of_several_is_named(self, ids):
        tamper("UPDATE audit_auditevent SET verb = 'x' WHERE id > %s", [ids[0]])
        assert self.broken() == f"audit_auditevent: row {ids[1]} was altered"

    def test_a_row_altered_with_its_digest_breaks_the_seal(self, ids):
        tamper("UPDATE audit_auditevent SET verb = 'x' WHERE id = %s", [ids[0]])
        tamper(
            "UPDATE audit_seal SET row_digests = (SELECT string_agg(row_digest, ''::bytea ORDER BY row_id)"
            " FROM audit_row_digests('audit_auditevent', from_id, to_id, columns)) WHERE from_id = 1 AND stream = %s",
            [EVENTS],
        )
        assert self.broken() == f"audit_auditevent: the seal of rows 1 to {ids[1]} was altered"

    def test_a_seal_that_was_made_anew_breaks_the_chain(self, ids):
        """Whoever may write seals can seal again; the next seal then no longer follows."""
        tamper("UPDATE audit_seal SET digest = sha256('x') WHERE to_id = %s", [ids[1]])
        assert self.broken() == f"audit_auditevent: the seal of rows 1 to {ids[1]} was altered"

    def test_a_missing_seal_is_named(self, ids):
        tamper("DELETE FROM audit_seal WHERE to_id = %s", [ids[1]])
        assert self.broken() == f"audit_auditevent: the seal of rows 1 to {ids[1]} is missing"

    def test_it_is_told_in_words(self, ids, capsys):
        tamper("DELETE FROM audit_auditevent WHERE id = %s", [ids[0]])
        with pytest.raises(SystemExit):
            call_command("audit_verify")
        assert capsys.readouterr().out.endswith(f"Broken: audit_auditevent: row {ids[0]} was deleted\n")


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_row_that_is_not_committed_holds_the_seal_back(self):
        """A seal beyond an id that is still in flight would call the row slipped in when it lands."""
        tell(1)
        beside = connection.copy()
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            cursor.execute(
                "INSERT INTO audit_auditevent (at, verb, by, by_name, subject_type, subject_id, child_id, why, data, request_id)"
                " VALUES (now(), 'late', '', '', 't', '1', '', '', '{}', '')"
            )
            tell(1)
            assert sealing.seal(EVENTS) is None
            beside.commit()
        beside.close()
        assert sealing.seal(EVENTS) == 3
        assert verify()[0] == 0

    def test_sealers_and_writers_at_once_leave_a_whole_chain(self):
        def work(function, times: int) -> None:
            for _ in range(times):
                function()
            connection.close()

        team = OrganisationFactory()
        jobs = [(lambda: record("wrote", by=None, subject=team), 40)] * 2 + [(lambda: sealing.seal(EVENTS, 7), 12)] * 2
        threads = [threading.Thread(target=work, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while sealing.seal(EVENTS):
            pass
        code, found = verify()
        assert (code, found["rows"][EVENTS], found["unsealed"][EVENTS]) == (0, 80, 0)
        assert AuditEvent.objects.count() == 80
