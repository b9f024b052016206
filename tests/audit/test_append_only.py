"""What is written down stays: the service may only add, and even the owner of the tables is refused."""

import pytest
from django.db import DatabaseError, transaction

from tests.audit.database import owner, run
from tests.factories.accounts import OrganisationFactory, UserFactory
from virtualschool.audit import access, grants
from virtualschool.audit.apps import AuditConfig
from virtualschool.audit.log import record
from virtualschool.audit.models import AuditEvent, Change

pytestmark = pytest.mark.django_db

TABLES = ("audit_change", "audit_auditevent", "audit_accesslog", "audit_seal")
STATEMENTS = ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", STATEMENTS)
class TestRefused:
    def test_to_the_service(self, table, statement):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            run(statement.format(table))

    def test_to_the_owner(self, table, statement):
        with pytest.raises(DatabaseError, match="append-only"), owner() as cursor:
            cursor.execute(statement.format(table))


@pytest.mark.parametrize("table", ["audit_change", "audit_seal"])
def test_the_service_cannot_forge_what_the_database_writes(table):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run(f"INSERT INTO {table} DEFAULT VALUES")


def test_the_service_cannot_borrow_the_function_that_writes():
    run("CREATE TEMP TABLE mine (id int)")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run(
            "CREATE TRIGGER forge AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION audit_record_change('id', '', '', '')"
        )


def test_the_service_cannot_switch_history_off():
    with transaction.atomic():
        run("SET LOCAL pgtrigger.ignore = '{pgtrigger_history_0}'")
        OrganisationFactory()
    with pytest.raises(DatabaseError), transaction.atomic():
        run("ALTER TABLE accounts_organisation DISABLE TRIGGER ALL")
    assert Change.objects.filter(table_name="accounts_organisation").count() == 1


def test_an_upsert_is_a_change_too():
    user = UserFactory()
    event = record("looked", by=user, subject=user)
    with pytest.raises(DatabaseError), transaction.atomic():
        run(
            "INSERT INTO audit_auditevent SELECT * FROM audit_auditevent WHERE id = %s ON CONFLICT (id) DO UPDATE SET verb = 'x'",
            [event.pk],
        )
    assert AuditEvent.objects.get().verb == "looked"


class TestGrants:
    def rights(self) -> list[tuple]:
        return run(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = 'vs_app' AND table_schema = 'public' ORDER BY 1, 2"
        )

    def test_may_be_settled_again(self):
        before = self.rights()
        with owner():
            grants.grant(sender=AuditConfig, using="default")
        assert self.rights() == before

    @pytest.mark.parametrize(
        ("table", "rights"),
        [
            ("audit_change", ["SELECT"]),
            ("audit_seal", ["SELECT"]),
            ("audit_accesslog", ["INSERT", "SELECT"]),
            ("audit_auditevent", ["INSERT", "SELECT"]),
            ("jobs_event", ["INSERT", "SELECT"]),
            ("django_migrations", ["SELECT"]),
            ("accounts_user", ["DELETE", "INSERT", "SELECT", "UPDATE"]),
        ],
    )
    def test_each_table_has_its_rights(self, table, rights):
        assert [right for name, right in self.rights() if name == table] == rights

    def test_nothing_is_granted_by_the_service_itself(self):
        before = self.rights()
        grants.grant(sender=AuditConfig, using="default")
        assert self.rights() == before

    def test_without_the_role_nothing_happens(self, settings):
        settings.VS_APP_ROLE = "nobody_has_this_role"
        before = self.rights()
        with owner():
            grants.grant(sender=AuditConfig, using="default")
        assert self.rights() == before


class TestRecord:
    def test_says_who_did_what_to_what(self):
        user, team = UserFactory(name="Ann Other"), OrganisationFactory()
        event = record("team_renamed", by=user, subject=team, child=12, why="asked", data={"from": "a"})
        kept = AuditEvent.objects.get(pk=event.pk)
        assert (kept.verb, kept.by, kept.by_name) == ("team_renamed", str(user.pk), "Ann Other")
        assert (kept.subject_type, kept.subject_id) == ("accounts.Organisation", str(team.pk))
        assert (kept.child_id, kept.why, kept.data) == ("12", "asked", {"from": "a"})

    def test_the_service_has_no_name(self):
        event = record("swept", by=None, subject=OrganisationFactory())
        assert (event.by, event.by_name, event.child_id) == ("", "", "")

    def test_the_subjects_child_is_found(self):
        team = OrganisationFactory()
        team.child_id = 4
        assert record("seen", by=None, subject=team).child_id == "4"
        assert access.child_id(team) == 4
        assert access.child_id(OrganisationFactory()) is None
