"""Lines are released once, from an open year's money, and every entry comes to nil."""

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from pupil_premium import actions, books
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.models import Entry, GrantYear, Posting, Release
from pupil_premium.money import financial_year
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory
from tests.factories.pupil_premium import GrantYearFactory, ReleaseFactory, agreed_cost, approved_pep
from tests.factories.rulebook import set_rule
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import events
from virtualschool.jobs.models import Delivery, Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def vsh():
    return UserFactory(role="vsh")


@pytest.fixture
def ala():
    return UserFactory(role="ala")


@pytest.fixture
def second_person():
    set_rule("pp.release.mode", "second_person", from_=date(2000, 1, 1))


def pep_with_costs(ala, *pence, **fields):
    pep = approved_pep(child=ChildFactory(in_care=True), school=SchoolFactory(), approved_by=ala, **fields)
    for amount in pence:
        agreed_cost(pep, by=ala, pence=amount, weeks=1)
    return pep


def balances(year=None):
    return {account: pence for account, pence in books.balances(year or GrantYear.objects.get()).items() if pence}


class TestGrant:
    def test_is_held_less_what_the_council_keeps(self, vsh):
        set_rule("pp.top_slice", 25, from_=date(2000, 1, 1))
        actions.open_grant_year(year=2026, amount_pence=100_001, by=vsh)
        assert balances() == {"grant": -100_001, "reserve": 75_001, "top_slice": 25_000}
        assert books.trial_balance() == 0

    def test_is_entered_once(self, vsh):
        actions.open_grant_year(year=2026, amount_pence=1000, by=vsh)
        with pytest.raises(Conflict, match="has been entered"):
            actions.open_grant_year(year=2026, amount_pence=1000, by=vsh)

    def test_is_entered_again_after_a_reversal(self, vsh):
        set_rule("pp.top_slice", 10, from_=date(2000, 1, 1))
        actions.open_grant_year(year=2026, amount_pence=1000, by=vsh)
        actions.reverse_entry(entry=Entry.objects.get(key="grant:2026:1"), reason="A nought too few", by=vsh)
        actions.open_grant_year(year=2026, amount_pence=10_000, by=vsh)
        assert balances() == {"grant": -10_000, "reserve": 9_000, "top_slice": 1_000}

    def test_is_the_heads_to_enter(self, ala):
        with pytest.raises(Refused) as refused:
            actions.open_grant_year(year=2026, amount_pence=1000, by=ala)
        assert refused.value.verdict.source == "Pupil premium: conditions of grant"
        assert GrantYear.objects.count() == 0

    def test_commits_the_lines_that_waited_for_it(self, vsh, ala, second_person):
        actions.make_releasable(pep=pep_with_costs(ala, 300, 200), by=ala)
        actions.open_grant_year(year=2026, amount_pence=1000, by=vsh)
        assert balances() == {"grant": -1000, "reserve": 500, "committed": 500}


class TestApproval:
    def test_makes_each_agreed_cost_one_line_and_releases_it_at_once(self, ala):
        GrantYearFactory(pence=10_000)
        pep = pep_with_costs(ala, 300, 200)
        agreed_cost(pep, by=ala, agreed=False, agreed_by=None)
        lines = actions.make_releasable(pep=pep, by=ala)
        assert sorted(line.amount_pence for line in lines) == [200, 300]
        assert set(Release.objects.values_list("state", "released_by", "released_on")) == {
            ("released", ala.pk, today())
        }
        assert balances() == {"grant": -10_000, "reserve": 9_500, "paid": 500}

    def test_again_makes_nothing(self, ala):
        GrantYearFactory(pence=10_000)
        pep = pep_with_costs(ala, 300)
        actions.make_releasable(pep=pep, by=ala)
        entries = Entry.objects.count()
        assert actions.make_releasable(pep=pep, by=ala) == []
        assert (Release.objects.count(), Entry.objects.count()) == (1, entries)

    def test_as_an_event_delivered_twice_releases_once(self, ala):
        GrantYearFactory(pence=10_000)
        pep = pep_with_costs(ala, 300)
        for submission in (1, 2):
            events.emit("pep.approved", key=f"pep.approved:{pep.pk}:{submission}", data={"pep": pep.pk})
        events.deliver_pending()
        assert set(Delivery.objects.values_list("state", "error")) == {("done", "")}
        assert balances()["paid"] == 300

    def test_lets_a_line_wait_where_money_is_missing_and_says_why(self, ala):
        actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        assert Release.objects.get().state == ReleaseState.RELEASABLE
        assert AuditEvent.objects.get(verb="release.waits").why == "The grant for 2026-27 has not been entered yet."

    @pytest.mark.parametrize(
        ("year", "words"), [(-1, "Nursery"), (0, None), (11, None), (12, "Year 12")], ids=lambda value: str(value)
    )
    def test_pays_for_the_years_of_the_grant_alone(self, year, words, ala):
        """Neither commits nor releases before Reception, nor after Year 11."""
        GrantYearFactory(pence=10_000)
        pep = approved_pep(child=ChildFactory(in_care=True, year=year), school=SchoolFactory(), approved_by=ala)
        agreed_cost(pep, by=ala, pence=5_000, weeks=1)
        (line,) = actions.make_releasable(pep=pep, by=ala)
        line.refresh_from_db()
        assert line.state == (ReleaseState.RELEASABLE if words else ReleaseState.RELEASED)
        assert balances().get("reserve") == (10_000 if words else 5_000)
        if words:
            with pytest.raises(Refused, match=f"for Reception to Year 11, and the PEP was opened in {words}"):
                actions.release(release=line, by=ala)

    def test_leaves_release_to_a_second_person_where_the_council_says_so(self, ala, second_person):
        GrantYearFactory(pence=10_000)
        actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        assert Release.objects.get().state == ReleaseState.RELEASABLE
        assert balances() == {"grant": -10_000, "reserve": 9_700, "committed": 300}


class TestRelease:
    def test_pays_the_school_from_what_was_committed(self, ala, vsh, second_person):
        GrantYearFactory(pence=10_000)
        [line] = actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        released = actions.release(release=line, by=vsh)
        assert (released.state, released.released_by, released.released_on) == ("released", vsh, today())
        assert (released.entry.school, released.entry.child) == (line.school, line.child)
        assert balances() == {"grant": -10_000, "reserve": 9_700, "paid": 300}
        assert Event.objects.filter(kind="release.released").count() == 1

    def test_is_refused_to_whoever_agreed_the_line(self, ala, second_person):
        GrantYearFactory(pence=10_000)
        [line] = actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        with pytest.raises(Refused, match="a second person releases it") as refused:
            actions.release(release=line, by=ala)
        assert refused.value.verdict.source != ""
        assert balances()["committed"] == 300

    def test_is_refused_to_whoever_approved_the_pep(self, ala, vsh, second_person):
        GrantYearFactory(pence=10_000)
        pep = approved_pep(child=ChildFactory(in_care=True), school=SchoolFactory(), approved_by=vsh)
        agreed_cost(pep, by=ala)
        [line] = actions.make_releasable(pep=pep, by=vsh)
        with pytest.raises(Refused, match="a second person"):
            actions.release(release=line, by=vsh)

    @pytest.mark.parametrize("role", ["coordinator", "socialworker", "teacher", "data", "iro"])
    def test_is_refused_to_other_roles(self, role, ala):
        with pytest.raises(Refused, match="Lines are released by"):
            actions.release(release=ReleaseFactory(advocate=ala), by=UserFactory(role=role))

    def test_twice_is_a_conflict(self, ala, vsh):
        GrantYearFactory(pence=50_000)
        line = ReleaseFactory(advocate=ala)
        actions.release(release=line, by=vsh)
        with pytest.raises(Conflict):
            actions.release(release=line, by=vsh)
        assert balances()["paid"] == line.amount_pence

    @pytest.mark.parametrize(
        ("pence", "words"),
        [
            (0, "has not been entered yet"),
            (9_999, "£99.99 of the grant for 2026-27 is left, less than this line's £100.00"),
        ],
    )
    def test_is_refused_without_the_money(self, pence, words, ala, vsh):
        if pence:
            GrantYearFactory(pence=pence)
        with pytest.raises(Refused, match=words) as refused:
            actions.release(release=ReleaseFactory(advocate=ala), by=vsh)
        assert "March 2014" in refused.value.verdict.source

    def test_is_not_paid_from_what_is_committed_to_another_line(self, ala, vsh, second_person):
        GrantYearFactory(pence=500)
        first, second = actions.make_releasable(pep=pep_with_costs(ala, 300, 400), by=ala)
        assert balances() == {"grant": -500, "reserve": 200, "committed": 300}
        with pytest.raises(Refused, match="£2.00 of the grant"):
            actions.release(release=second, by=vsh)
        actions.release(release=first, by=vsh)
        assert balances() == {"grant": -500, "reserve": 200, "paid": 300}

    def test_is_refused_in_a_closed_year(self, ala, vsh):
        GrantYearFactory(pence=50_000, closed_on=today())
        with pytest.raises(Refused, match="The books for 2026-27 are closed"):
            actions.release(release=ReleaseFactory(advocate=ala), by=vsh)

    def test_is_refused_for_a_grade_that_does_not_pay(self, ala, vsh):
        GrantYearFactory(pence=50_000)
        set_rule("pp.release.grades", ["green"], from_=date(2000, 1, 1))
        pep = pep_with_costs(ala, 300, grade="amber")
        [line] = actions.make_releasable(pep=pep, by=ala)
        with pytest.raises(Refused, match="graded amber"):
            actions.release(release=line, by=vsh)

    def test_is_refused_for_what_the_council_does_not_pay_for(self, ala, vsh):
        GrantYearFactory(pence=50_000)
        line = ReleaseFactory(advocate=ala)
        type(line.cost).objects.filter(pk=line.cost_id).update(
            excluded_as="uniform", exception_reason="Outgrown", agreed=None, exception_by=None
        )
        with pytest.raises(Refused, match="Pupil Premium Plus is not for this"):
            actions.release(release=line, by=vsh)

    def test_is_refused_without_a_school(self, ala, vsh):
        GrantYearFactory(pence=50_000)
        with pytest.raises(Refused, match="no school"):
            actions.release(release=ReleaseFactory(advocate=ala, school=None), by=vsh)

    def test_in_the_next_financial_year_is_paid_from_that_years_grant(self, ala, vsh, second_person):
        last, this = GrantYearFactory(year=2025, pence=1000), GrantYearFactory(pence=1000)
        pep = pep_with_costs(ala, 300, on=date(2026, 3, 31))
        [line] = actions.make_releasable(pep=pep, by=ala)
        assert balances(last) == {"grant": -1000, "reserve": 700, "committed": 300}
        actions.release(release=line, by=vsh)
        assert balances(last) == {"grant": -1000, "reserve": 1000}
        assert balances(this) == {"grant": -1000, "reserve": 700, "paid": 300}


class TestReversal:
    def test_of_a_release_frees_its_money_and_ends_the_line(self, ala, vsh):
        GrantYearFactory(pence=10_000)
        [line] = actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        line.refresh_from_db()
        made = actions.reverse_entry(entry=line.entry, reason="Paid to the wrong school", by=vsh)
        line.refresh_from_db()
        assert (line.state, made.reverses) == (ReleaseState.REVERSED, line.entry)
        assert balances() == {"grant": -10_000, "reserve": 10_000}
        assert AuditEvent.objects.get(verb="entry.reversed").why == "Paid to the wrong school"
        with pytest.raises(Conflict):
            actions.release(release=line, by=vsh)

    def test_happens_once(self, ala, vsh):
        GrantYearFactory(pence=10_000)
        [line] = actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        line.refresh_from_db()
        made = actions.reverse_entry(entry=line.entry, reason="Wrong", by=vsh)
        for entry, words in ((line.entry, "reversed already"), (made, "Only a release")):
            with pytest.raises(Refused, match=words):
                actions.reverse_entry(entry=entry, reason="Again", by=vsh)

    def test_of_the_grant_is_the_heads(self, ala, vsh):
        actions.open_grant_year(year=2026, amount_pence=1000, by=vsh)
        with pytest.raises(Refused, match="Virtual School Head"):
            actions.reverse_entry(entry=Entry.objects.get(), reason="Wrong", by=ala)


class TestDatabase:
    """What holds whoever writes, however."""

    @pytest.mark.parametrize("amounts", [[], [500], [500, -400]])
    def test_refuses_an_entry_that_does_not_come_to_nil(self, amounts):
        entry = Entry.objects.create(key="x", grant_year=GrantYearFactory(), on=today(), words="x")
        accounts = [AccountKind.RESERVE, AccountKind.PAID]
        Posting.objects.bulk_create(
            Posting(entry=entry, account=account, amount_pence=pence)
            for account, pence in zip(accounts, amounts, strict=False)
        )
        with pytest.raises(IntegrityError, match="postings that come to"), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    @pytest.mark.parametrize("statement", ["UPDATE pupil_premium_{} SET id = id", "DELETE FROM pupil_premium_{}"])
    @pytest.mark.parametrize("table", ["entry", "posting"])
    def test_refuses_to_change_the_journal(self, table, statement):
        GrantYearFactory(pence=100)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))

    @pytest.mark.parametrize("state", ["in_qa", "cancelled"])
    def test_refuses_a_line_of_a_pep_that_is_not_approved(self, state, ala):
        pep = approved_pep(
            child=ChildFactory(in_care=True), school=SchoolFactory(), approved_by=ala, state=state, cancelled_why="x"
        )
        with pytest.raises(IntegrityError, match="agreed cost"), transaction.atomic():
            ReleaseFactory(child=pep.child, pep=pep, advocate=ala)

    @pytest.mark.parametrize("fields", [{"agreed": None}, {"agreed": False}])
    def test_refuses_a_line_that_was_not_agreed(self, fields, ala):
        pep = pep_with_costs(ala)
        cost = agreed_cost(pep, by=ala, **fields)
        with pytest.raises(IntegrityError, match="agreed cost"), transaction.atomic():
            ReleaseFactory(child=pep.child, pep=pep, cost=cost, advocate=ala)

    def test_refuses_a_line_above_its_cost(self, ala):
        with pytest.raises(IntegrityError, match="agreed cost"), transaction.atomic():
            ReleaseFactory(advocate=ala, amount_pence=10_001)

    def test_refuses_a_line_that_changes_its_amount(self, ala):
        line = ReleaseFactory(advocate=ala)
        with pytest.raises(IntegrityError, match="stays as it was agreed"), transaction.atomic():
            Release.objects.filter(pk=line.pk).update(amount_pence=1)

    def test_refuses_a_release_without_the_entry_that_pays_it(self, ala):
        line = ReleaseFactory(advocate=ala)
        GrantYearFactory(pence=10_000)
        with pytest.raises(IntegrityError, match="entry that pays"), transaction.atomic():
            Release.objects.filter(pk=line.pk).update(state="released", released_on=today(), entry=Entry.objects.get())

    def test_refuses_to_bring_a_reversed_line_back(self, ala, vsh):
        GrantYearFactory(pence=10_000)
        [line] = actions.make_releasable(pep=pep_with_costs(ala, 300), by=ala)
        line.refresh_from_db()
        actions.reverse_entry(entry=line.entry, reason="Wrong", by=vsh)
        with pytest.raises(IntegrityError, match="once"), transaction.atomic():
            Release.objects.filter(pk=line.pk).update(state="released")


@pytest.mark.django_db(transaction=True)
def test_eight_people_release_one_line_and_one_does(ala):
    """Eight at once: one posting, seven told that it has happened."""
    year = GrantYearFactory(pence=100_000)
    line = ReleaseFactory(advocate=ala)
    people = UserFactory.create_batch(8, role="vsh")
    start = threading.Barrier(8)
    outcomes = []

    def release(user):
        try:
            start.wait(timeout=20)
            actions.release(release=line, by=user)
            outcomes.append("released")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=release, args=[user]) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["conflict"] * 7 + ["released"]
    assert Entry.objects.filter(key__startswith="release:").count() == 1
    assert books.balances(year)["paid"] == line.amount_pence
    assert books.trial_balance() == 0


@pytest.mark.parametrize(
    ("on", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 12, 31), 2026)]
)
def test_financial_year_runs_from_april(on, year):
    assert financial_year(on) == year
    assert financial_year(on + timedelta(days=365)) == year + 1
