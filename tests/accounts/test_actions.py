"""What is done to accounts: who is refused, what is written, and what ends with it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from virtualschool.accounts import actions
from virtualschool.accounts.models import Cover, Membership, User
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

DAY = timedelta(days=1)
MOVED_ON = "Has left the council"


@pytest.fixture
def admin():
    return UserFactory(administrator=True)


def events(verb: str) -> list[tuple]:
    return list(AuditEvent.objects.filter(verb=verb).order_by("pk").values_list("by", "subject_id", "why", "data"))


@pytest.mark.django_db
class TestInvite:
    def test_an_account_nobody_can_sign_in_with_yet(self, admin):
        made = actions.invite(
            name="Nia New", email="Nia.New@Council.example", role="support", phases=["P"], telephone="01", by=admin
        )
        made.refresh_from_db()
        assert (made.name, made.email, made.role, made.phases, made.telephone, made.has_usable_password()) == (
            "Nia New",
            "nia.new@council.example",
            "support",
            ["P"],
            "01",
            False,
        )
        assert made.is_administrator is False
        assert made.invited_at is not None
        assert events("account.invited") == [(str(admin.pk), str(made.pk), "", {"role": "support"})]

    def test_an_address_has_one_account_whatever_its_case(self, admin):
        UserFactory(email="same@council.example")
        with pytest.raises(ValidationError, match="account with this email address already"):
            actions.invite(name="Again", email="SAME@council.example", role="ala", by=admin)

    def test_somebody_who_invited_the_same_person_in_this_moment_came_first(self, admin, monkeypatch):
        UserFactory(email="same@council.example")
        monkeypatch.setattr(User.objects, "filter", lambda **kwargs: User.objects.none())
        with pytest.raises(ValidationError, match="account with this email address already"):
            actions.invite(name="Again", email="same@council.example", role="ala", by=admin)

    @pytest.mark.parametrize("role", ["vsh", "coordinator", "data"])
    def test_a_role_alone_invites_nobody(self, role):
        with pytest.raises(Refused, match="kept by the account administrators"):
            actions.invite(name="Nia", email="nia@council.example", role="ala", by=UserFactory(role=role))

    def test_keepers_of_the_register_invite_a_designated_teacher_and_nobody_else(self):
        keeper = UserFactory(role="coordinator")
        made = actions.invite(name="Tess", email="tess@school.example", role="vsh", by=keeper, teacher=True)
        assert made.role == "teacher"

    def test_others_do_not_invite_teachers(self):
        with pytest.raises(Refused, match="register of designated teachers"):
            actions.invite(name="T", email="t@school.example", role="teacher", by=UserFactory(role="ala"), teacher=True)


@pytest.mark.django_db
class TestChangeRole:
    def test_the_role_changes_and_is_on_record(self, admin):
        person = UserFactory(role="support", phases=["P"])
        actions.change_role(user=person, role="coordinator", by=admin)
        person.refresh_from_db()
        assert (person.role, person.phases) == ("coordinator", [])
        assert events("account.role_changed") == [
            (str(admin.pk), str(person.pk), "", {"from": "support", "to": "coordinator"})
        ]

    def test_sessions_of_the_old_role_end(self, admin, client):
        person = UserFactory(role="ala")
        client.force_login(person)
        assert client.get("/you/").status_code == 200
        actions.change_role(user=person, role="vsh", by=admin)
        assert client.get("/you/").status_code == 302

    def test_nobody_changes_their_own(self, admin):
        with pytest.raises(Refused, match="Another administrator"):
            actions.change_role(user=admin, role="vsh", by=admin)

    def test_nobody_else_does(self):
        with pytest.raises(Refused):
            actions.change_role(user=UserFactory(), role="vsh", by=UserFactory(role="vsh"))

    def test_who_is_no_longer_a_teacher_leaves_the_register_and_keeps_their_team(self, admin):
        person = UserFactory(role="teacher")
        at_school = MembershipFactory(user=person, organisation=OrganisationFactory(of_school=True), designated=True)
        to_come = MembershipFactory(
            user=person, organisation=OrganisationFactory(of_school=True), start=today() + 5 * DAY
        )
        team = MembershipFactory(user=person)
        actions.change_role(user=person, role="iro", by=admin)
        ends = [Membership.objects.get(pk=row.pk).end for row in (at_school, to_come, team)]
        assert ends == [today(), to_come.start, None]

    def test_covers_given_and_taken_end_with_the_role(self, admin):
        person = UserFactory(role="socialworker")
        given, taken = CoverFactory(covered_by=person, user__role="socialworker"), CoverFactory(user=person)
        actions.change_role(user=person, role="socialworker", phases=["P"], by=admin)
        assert {Cover.objects.get(pk=row.pk).end for row in (given, taken)} == {today() + 7 * DAY}
        actions.change_role(user=person, role="manager", by=admin)
        assert {Cover.objects.get(pk=row.pk).end for row in (given, taken)} == {today()}


@pytest.mark.django_db
class TestAdministrators:
    def test_rights_are_given_and_taken_away(self, admin):
        person = UserFactory()
        actions.set_administrator(user=person, administrator=True, by=admin)
        assert User.objects.get(pk=person.pk).is_administrator is True
        actions.set_administrator(user=admin, administrator=False, by=person_again(person))
        assert list(User.objects.filter(is_administrator=True)) == [person]
        assert [row[3]["administrator"] for row in events("account.administrator")] == [True, False]

    def test_sessions_with_the_old_rights_end(self, admin, client):
        other = UserFactory(administrator=True)
        client.force_login(other)
        assert client.get("/people/").status_code == 200
        actions.set_administrator(user=other, administrator=False, by=admin)
        assert client.get("/people/").status_code == 302

    def test_a_closed_account_gets_none(self, admin):
        with pytest.raises(Refused, match="is closed"):
            actions.set_administrator(user=UserFactory(deactivated=True), administrator=True, by=admin)

    def test_somebody_whose_rights_went_while_the_page_was_open_is_refused(self, admin):
        before = person_again(admin)
        User.objects.filter(pk=admin.pk).update(is_administrator=False)
        other = UserFactory(administrator=True)
        for call in (
            lambda: actions.set_administrator(user=other, administrator=False, by=before),
            lambda: actions.deactivate(user=other, why=MOVED_ON, by=before),
        ):
            with pytest.raises(Refused, match="kept by the account administrators"):
                call()

    def test_somebody_without_rights_gives_none(self):
        person = UserFactory(role="vsh")
        with pytest.raises(Refused, match="kept by the account administrators"):
            actions.set_administrator(user=UserFactory(), administrator=True, by=person)


def person_again(person: User) -> User:
    return User.objects.get(pk=person.pk)


@pytest.mark.django_db
class TestDeactivate:
    def test_nobody_signs_in_and_what_they_wrote_keeps_its_author(self, admin, client):
        person = UserFactory(administrator=True)
        client.force_login(person)
        actions.deactivate(user=person, why=MOVED_ON, by=admin)
        person.refresh_from_db()
        assert (person.is_active, person.is_administrator) == (False, False)
        assert client.get("/you/").status_code == 302
        assert events("account.deactivated") == [(str(admin.pk), str(person.pk), MOVED_ON, {})]

    def test_memberships_end_today_those_to_come_and_those_that_were_to_end_later_too(self, admin):
        person = UserFactory()
        past = MembershipFactory(user=person, end=today() - DAY)
        now, dated = MembershipFactory(user=person), MembershipFactory(user=person, end=today() + 30 * DAY)
        to_come = MembershipFactory(user=person, start=today() + 10 * DAY)
        actions.deactivate(user=person, why=MOVED_ON, by=admin)
        ends = [Membership.objects.get(pk=row.pk).end for row in (past, now, dated, to_come)]
        assert ends == [today() - DAY, today(), today(), to_come.start]
        assert not person.memberships.current().exists()
        assert not person.memberships.current(to_come.start).exists()

    def test_they_cover_for_nobody_any_more_and_their_own_cover_goes_on(self, admin):
        person = UserFactory()
        given, had = CoverFactory(covered_by=person, user=UserFactory()), CoverFactory(user=person)
        actions.deactivate(user=person, why=MOVED_ON, by=admin)
        given.refresh_from_db()
        had.refresh_from_db()
        assert (given.end, had.end) == (today(), today() + 7 * DAY)

    def test_nobody_closes_their_own_account(self, admin):
        with pytest.raises(Refused, match="Another administrator"):
            actions.deactivate(user=admin, why=MOVED_ON, by=admin)

    def test_a_closed_account_is_not_closed_again(self, admin):
        person = UserFactory(deactivated=True)
        with pytest.raises(Conflict, match="closed already"):
            actions.deactivate(user=person, why=MOVED_ON, by=admin)

    def test_nobody_else_does(self):
        person = UserFactory()
        with pytest.raises(Refused):
            actions.deactivate(user=person, why=MOVED_ON, by=UserFactory(role="vsh"))


@pytest.mark.django_db
class TestReactivate:
    def test_the_account_is_open_and_has_neither_rights_nor_places(self, admin):
        person = UserFactory(administrator=True)
        MembershipFactory(user=person)
        actions.deactivate(user=person, why=MOVED_ON, by=admin)
        actions.reactivate(user=person, by=admin)
        person.refresh_from_db()
        assert (person.is_active, person.is_administrator, person.memberships.current().count()) == (True, False, 0)
        assert events("account.reactivated") == [(str(admin.pk), str(person.pk), "", {})]

    def test_an_open_account_is_not_opened_again(self, admin):
        with pytest.raises(Conflict, match="open already"):
            actions.reactivate(user=UserFactory(), by=admin)


@pytest.mark.django_db
class TestMembership:
    def test_from_a_day_on(self, admin):
        person, team = UserFactory(), OrganisationFactory()
        row = actions.join(user=person, organisation=team, start=today() + DAY, by=admin)
        held = [person.memberships.current(on).count() for on in (today(), today() + DAY)]
        assert (held, row.position) == ([0, 1], "member")
        assert events("membership.started") == [
            (str(admin.pk), str(row.pk), "", {"user": person.pk, "organisation": team.pk})
        ]

    def test_once_at_a_time(self, admin):
        row = MembershipFactory()
        with pytest.raises(ValidationError, match="already belongs to it"):
            actions.join(user=row.user, organisation=row.organisation, start=today(), by=admin)

    def test_a_school_is_joined_through_its_register(self, admin):
        school = OrganisationFactory(of_school=True)
        with pytest.raises(Refused, match="register of designated teachers"):
            actions.join(user=UserFactory(role="teacher"), organisation=school, start=today(), by=admin)

    def test_a_closed_account_joins_nothing(self, admin):
        with pytest.raises(Refused, match="is closed"):
            actions.join(
                user=UserFactory(deactivated=True), organisation=OrganisationFactory(), start=today(), by=admin
            )

    def test_the_end_is_the_first_day_without_it(self, admin):
        row = MembershipFactory()
        actions.end_membership(membership=row, end=today() + DAY, by=admin)
        held = [row.user.memberships.current(on).count() for on in (today(), today() + DAY)]
        assert held == [1, 0]
        assert events("membership.ended") == [(str(admin.pk), str(row.pk), "", {"end": "2026-11-11"})]

    def test_it_never_runs_backwards(self, admin):
        row = MembershipFactory(start=today())
        with pytest.raises(ValidationError, match="must not be before"):
            actions.end_membership(membership=row, end=today() - DAY, by=admin)

    def test_a_team_is_the_administrators_and_a_school_the_registers(self, admin):
        keeper = UserFactory(role="data")
        team, school = MembershipFactory(), MembershipFactory(organisation=OrganisationFactory(of_school=True))
        for row, by in ((team, keeper), (school, admin)):
            with pytest.raises(Refused):
                actions.end_membership(membership=row, end=today(), by=by)
        assert actions.end_membership(membership=team, end=today(), by=admin).end == today()
        assert actions.end_membership(membership=school, end=today(), by=keeper).end == today()


@pytest.mark.django_db
class TestCover:
    DATES = (date(2026, 11, 12), date(2026, 11, 20))

    def arrange(self, person, colleague, by=None, dates=DATES):
        return actions.arrange_cover(
            user=person, covered_by=colleague, start=dates[0], end=dates[1], reason="Leave", by=by or person
        )

    def test_a_person_arranges_their_own(self):
        person, colleague = UserFactory(role="iro"), UserFactory(role="iro")
        row = self.arrange(person, colleague)
        held = [person.covers.current(on).count() for on in (date(2026, 11, 11), *self.DATES)]
        assert (held, row.created_by) == ([0, 1, 0], person)
        assert events("cover.arranged")[0][3] == {
            "user": person.pk,
            "by": colleague.pk,
            "start": "2026-11-12",
            "end": "2026-11-20",
        }

    def test_an_administrator_arranges_it_for_somebody_who_is_away(self, admin):
        assert self.arrange(UserFactory(role="iro"), UserFactory(role="iro"), by=admin).created_by == admin

    def test_nobody_takes_a_colleagues_children_for_themselves(self):
        person, colleague = UserFactory(role="socialworker"), UserFactory(role="socialworker")
        with pytest.raises(Refused, match="kept by the account administrators"):
            self.arrange(person, colleague, by=colleague)

    @pytest.mark.parametrize(
        ("colleague", "words"),
        [
            ({"role": "vsh"}, "the same role"),
            ({"role": "socialworker", "deactivated": True}, "no active account"),
        ],
    )
    def test_only_an_active_colleague_of_the_same_role(self, colleague, words):
        with pytest.raises(Refused, match=words):
            self.arrange(UserFactory(role="socialworker"), UserFactory(**colleague))

    def test_nobody_covers_for_themselves(self):
        person = UserFactory()
        with pytest.raises(Refused, match="Somebody else covers"):
            self.arrange(person, person)

    def test_one_colleague_at_a_time_and_the_day_of_return_is_free(self):
        person = UserFactory()
        self.arrange(person, UserFactory())
        with pytest.raises(ValidationError, match="already covers"):
            self.arrange(person, UserFactory(), dates=(date(2026, 11, 19), date(2026, 11, 25)))
        assert self.arrange(person, UserFactory(), dates=(date(2026, 11, 20), date(2026, 11, 25))).pk

    def test_a_cover_that_runs_ends_today(self):
        row = CoverFactory()
        assert actions.end_cover(cover=row, by=row.covered_by).end == today()
        assert [event[1] for event in events("cover.ended")] == [str(row.pk)]

    def test_one_that_has_not_begun_never_begins(self):
        row = CoverFactory(start=today() + DAY, end=today() + 9 * DAY)
        assert actions.end_cover(cover=row, by=row.user).end == today() + DAY
        assert not row.user.covers.current(today() + DAY).exists()

    def test_one_that_is_over_is_not_ended_again(self):
        row = CoverFactory(end=today())
        with pytest.raises(Conflict, match="over already"):
            actions.end_cover(cover=row, by=row.user)

    def test_it_never_runs_backwards(self):
        with pytest.raises(ValidationError, match="must not be before"):
            self.arrange(UserFactory(), UserFactory(), dates=self.DATES[::-1])

    def test_somebody_else_ends_nothing(self):
        with pytest.raises(Refused):
            actions.end_cover(cover=CoverFactory(), by=UserFactory(role="vsh"))


def together(*calls) -> list[str]:
    """Run all at once; the outcome of each, sorted."""
    start = Barrier(len(calls))

    def run(call) -> str:
        try:
            start.wait()
            call()
        except (Conflict, Refused, ValidationError):
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.mark.parametrize("others", [0, 1])
    def test_two_administrators_who_close_each_other_leave_one_of_them(self, others):
        UserFactory.create_batch(others, administrator=True)
        one, two = UserFactory(administrator=True), UserFactory(administrator=True)
        outcome = together(
            lambda: actions.deactivate(user=two, why=MOVED_ON, by=one),
            lambda: actions.deactivate(user=one, why=MOVED_ON, by=two),
        )
        assert outcome == ["done", "refused"]
        assert User.objects.filter(is_administrator=True, is_active=True).count() == 1 + others

    def test_two_who_take_each_others_rights_leave_one(self):
        one, two = UserFactory(administrator=True), UserFactory(administrator=True)
        outcome = together(
            lambda: actions.set_administrator(user=two, administrator=False, by=one),
            lambda: actions.set_administrator(user=one, administrator=False, by=two),
        )
        assert outcome == ["done", "refused"]
        assert User.objects.filter(is_administrator=True).count() == 1

    def test_two_invitations_of_one_person_make_one_account(self):
        one, two = UserFactory(administrator=True), UserFactory(administrator=True)
        facts = {"name": "Nia", "email": "nia@council.example", "role": "ala"}
        outcome = together(lambda: actions.invite(**facts, by=one), lambda: actions.invite(**facts, by=two))
        assert outcome == ["done", "refused"]
        assert User.objects.filter(email="nia@council.example").count() == 1

    def test_two_appointments_at_one_school_leave_one_designated_teacher(self):
        keeper, school = UserFactory(role="data"), OrganisationFactory(of_school=True)
        people = UserFactory.create_batch(2, role="teacher")

        def appoint(person):
            return lambda: actions.appoint_teacher(organisation=school, user=person, start=today(), by=keeper)

        assert together(*map(appoint, people)) == ["done", "done"]
        assert school.memberships.current().filter(position="designated_teacher").count() == 1

    def test_two_covers_for_one_person_leave_one(self):
        person, dates = UserFactory(), {"start": today(), "end": today() + DAY, "reason": "Ill"}

        def arrange(colleague):
            return lambda: actions.arrange_cover(user=person, covered_by=colleague, by=person, **dates)

        assert together(*map(arrange, UserFactory.create_batch(2))) == ["done", "refused"]
        assert person.covers.count() == 1
