"""Every change of a row is written down with who, why and in which request, however it was made."""

import pytest
from django.db import transaction

from tests.audit.database import owner, run
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from virtualschool.accounts.models import Organisation
from virtualschool.audit.context import acting, apply_to_transaction, current
from virtualschool.audit.models import Change
from virtualschool.audit.triggers import history

pytestmark = pytest.mark.django_db


def written(table: str = "accounts_organisation") -> list[tuple]:
    """What the history says of a table, oldest first."""
    rows = Change.objects.filter(table_name=table).order_by("id")
    return list(rows.values_list("verb", "old", "new", "user_id", "request_id", "why"))


@pytest.fixture
def team():
    team = OrganisationFactory(name="North team")
    forget()
    return team


def forget() -> None:
    with owner(triggers=False) as cursor:
        cursor.execute("DELETE FROM audit_change")


def test_a_new_row_is_kept_whole():
    team = OrganisationFactory(name="North team", code="T1")
    [(verb, old, new, *_)] = written()
    assert (verb, old) == ("I", None)
    assert new == {"id": team.pk, "uuid": str(team.uuid), "kind": "team", "name": "North team", "code": "T1"}


def test_a_change_keeps_only_the_columns_that_changed(team):
    with acting(7, "r1", "it moved"):
        team.name = "South team"
        team.save()
    assert written() == [("U", {"name": "North team"}, {"name": "South team"}, "7", "r1", "it moved")]


def test_a_bulk_update_is_written_for_each_row(team):
    other = OrganisationFactory(name="East team")
    forget()
    with acting(7, "r1"):
        Organisation.objects.update(name="One team")
    assert sorted(old["name"] for _, old, *_ in written()) == ["East team", "North team"]
    assert {row[3:] for row in written()} == {("7", "r1", "")}
    assert set(Change.objects.values_list("row_id", flat=True)) == {str(team.pk), str(other.pk)}


def test_bulk_create_and_bulk_update_are_written():
    with acting(7):
        made = Organisation.objects.bulk_create([Organisation(kind="team", name=name, code=name) for name in "AB"])
        for one in made:
            one.name += "!"
        Organisation.objects.bulk_update(made, ["name"])
    assert [(verb, new["name"], user) for verb, _, new, user, *_ in written()] == [
        ("I", "A", "7"),
        ("I", "B", "7"),
        ("U", "A!", "7"),
        ("U", "B!", "7"),
    ]


def test_raw_sql_is_written(team):
    with acting(7, why="by hand"):
        run("UPDATE accounts_organisation SET name = 'Raw team'")
        run("DELETE FROM accounts_organisation")
    [update, delete] = written()
    assert update == ("U", {"name": "North team"}, {"name": "Raw team"}, "7", "", "by hand")
    assert (delete[0], delete[1]["name"], delete[2]) == ("D", "Raw team", None)


def test_an_update_that_changes_nothing_is_not_written(team):
    team.save()
    assert written() == []


def test_what_nobody_does_is_written_without_a_user(team):
    Organisation.objects.update(name="Night team")
    assert [row[3:] for row in written()] == [("", "", "")]


def test_a_password_is_never_kept():
    user = UserFactory()
    type(user).objects.update(password="secret hash")
    rows = Change.objects.filter(table_name="accounts_user").order_by("id")
    assert [row.new["password"] for row in rows] == ["(not kept)", "(not kept)"]
    assert rows[1].old == {"password": "(not kept)"}
    assert rows[1].columns == ["password"]


def test_the_connection_is_named(team):
    Organisation.objects.update(name="x")
    assert Change.objects.get().db_user == run("SELECT session_user")[0][0]


class TestActing:
    def test_the_inner_one_counts_and_then_the_outer_again(self, team):
        with acting(1):
            Organisation.objects.update(name="a")
            with acting(2, why="inner"):
                Organisation.objects.update(name="b")
            Organisation.objects.update(name="c")
        Organisation.objects.update(name="d")
        assert [(row[2]["name"], row[3], row[5]) for row in written()] == [
            ("a", "1", ""),
            ("b", "2", "inner"),
            ("c", "1", ""),
            ("d", "", ""),
        ]

    def test_it_holds_after_a_savepoint_was_rolled_back(self, team):
        with acting(1):
            with transaction.atomic(), acting(2):
                Organisation.objects.update(name="a")
                transaction.set_rollback(True)
            Organisation.objects.update(name="b")
        assert [row[3] for row in written()] == ["1"]

    def test_it_can_be_told_later_who_acts(self, team):
        with acting(None, "r1"):
            apply_to_transaction(5, "r1", "now known")
            Organisation.objects.update(name="a")
        assert [row[3:] for row in written()] == [("5", "r1", "now known")]
        assert current().user_id == ""

    def test_stating_it_costs_no_query_of_the_pages(self, team, django_assert_num_queries):
        with django_assert_num_queries(1), acting(1):
            Organisation.objects.update(name="a")


class TestArguments:
    """What ``history()`` tells the function of the database."""

    def test_of_a_table_with_a_child(self):
        assert history().render_execute(Organisation) == "audit_record_change('id', 'child_id', '', '')"

    def test_of_everything_else(self):
        trigger = history(child="pep_id", through="peps_pep", exclude=("a", "b"))
        assert trigger.render_execute(Organisation) == "audit_record_change('id', 'pep_id', 'peps_pep', 'a,b')"

    @pytest.mark.parametrize(("arguments", "child"), [("'id', 'mine', '', ''", "3"), ("'id', '', '', ''", None)])
    def test_the_child_is_the_columns(self, arguments, child):
        with owner() as cursor:
            cursor.execute("CREATE TABLE audit_sample (id int, mine int)")
            cursor.execute(
                "CREATE TRIGGER kept AFTER INSERT ON audit_sample FOR EACH ROW"
                f" EXECUTE FUNCTION audit_record_change({arguments})"
            )
            cursor.execute("INSERT INTO audit_sample VALUES (1, 3)")
        assert Change.objects.get(table_name="audit_sample").child_id == child

    def test_the_child_is_found_through_another_table(self):
        with owner() as cursor:
            cursor.execute(
                "CREATE TABLE audit_plan (id bigint, child_id bigint); INSERT INTO audit_plan VALUES (9, 42)"
            )
            cursor.execute("CREATE TABLE audit_part (id bigint, plan_id bigint)")
            cursor.execute(
                "CREATE TRIGGER kept AFTER INSERT ON audit_part FOR EACH ROW"
                " EXECUTE FUNCTION audit_record_change('id', 'plan_id', 'audit_plan', '')"
            )
            cursor.execute("INSERT INTO audit_part VALUES (1, 9)")
        assert list(Change.objects.of_child(42).values_list("table_name", "row_id")) == [("audit_part", "1")]


@pytest.mark.django_db(transaction=True)
def test_every_transaction_of_an_acting_is_told(team):
    with acting(4, "r9"):
        Organisation.objects.update(name="a")
        with transaction.atomic():
            Organisation.objects.update(name="b")
        with transaction.atomic():
            Organisation.objects.update(name="c")
    with transaction.atomic():
        Organisation.objects.update(name="d")
    assert [(row[2]["name"], row[3]) for row in written()] == [("a", "4"), ("b", "4"), ("c", "4"), ("d", "")]


def test_history_outlives_the_record(team):
    pk = team.pk
    membership = MembershipFactory(organisation=team)
    membership.delete()
    team.delete()
    assert Change.objects.get(table_name="accounts_organisation", verb="D").row_id == str(pk)


@pytest.mark.django_db(transaction=True)
def test_who_acts_is_stated_only_inside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        apply_to_transaction(1)
