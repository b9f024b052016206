"""A section given to a colleague: what it opens to them, what it does not, and when it ends."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from children.actions import schools
from children.models import AccessGrant, Child, School
from peps import policies
from peps.actions import delegating, ending, moving, submitting, writing
from peps.models import Pep, PepAnswer, PepSection, SectionDelegation
from peps.tasks import open_due
from tests.factories.accounts import CoverFactory, MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.children import EnrolmentFactory, SchoolFactory
from tests.factories.peps import PepSectionFactory
from tests.peps import stages
from virtualschool.accounts import actions as accounts
from virtualschool.accounts import places
from virtualschool.accounts.models import Membership, User
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.events import deliver_pending
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEY = "education_now"


@pytest.fixture
def story():
    return stages.accepted()


@pytest.fixture
def colleague(story):
    user = UserFactory(role="teacher", name="Colin League")
    MembershipFactory(user=user, organisation=story.people.school.organisation, position="colleague")
    return user


def give(story, colleague, key=KEY, **facts):
    return delegating.delegate(section=story.section(key), colleague=colleague, by=story.people.teacher, **facts)


def sections_of(user) -> set[str]:
    return set(PepSection.objects.visible_to(user).values_list("key", flat=True))


def page(client, user, view, *args):
    client.force_login(user)
    return client.get(reverse(view, args=args))


class TestTitle:
    """Somebody at a school is called by their place there: a colleague is no designated teacher."""

    @pytest.mark.parametrize(
        ("positions", "title"),
        [
            (["colleague"], "School colleague"),
            (["deputy"], "Deputy designated teacher"),
            (["designated_teacher"], "Designated teacher"),
            (["designated_teacher", "colleague"], "Designated teacher"),
            ([], "Designated teacher"),
        ],
    )
    def test_in_the_header_and_on_the_own_page(self, client, positions, title):
        user = UserFactory(role="teacher")
        for position in positions:
            MembershipFactory(user=user, organisation=OrganisationFactory(kind="school"), position=position)
        answer = page(client, user, "overview:you")
        assert f'<span class="vs-header__role">{title}</span>' in answer.content.decode()
        assert answer.context["rows"][2]["value"] == title

    def test_no_question_is_asked_for_any_other_role(self, django_assert_num_queries):
        user = UserFactory(role="coordinator")
        with django_assert_num_queries(0):
            assert places.title_of(user) == "PEP coordinator"


class TestReach:
    def test_a_place_alone_reaches_nobody_and_no_school(self, story, colleague):
        assert not Child.objects.visible_to(colleague).exists()
        assert not Child.objects.in_own_reach(colleague).exists()
        assert not School.objects.visible_to(colleague).exists()
        assert sections_of(colleague) == set()

    def test_what_was_given_opens_one_section_and_nothing_else_of_the_child(self, story, colleague):
        give(story, colleague)
        assert sections_of(colleague) == {KEY}
        assert not Child.objects.visible_to(colleague).exists()
        assert not Pep.objects.visible_to(colleague).exists()

    def test_every_other_page_of_the_child_is_not_there(self, client, story, colleague):
        give(story, colleague)
        addresses = [
            ("peps:detail", story.pep.uuid),
            ("peps:read", story.pep.uuid),
            ("peps:submit", story.pep.uuid),
            ("peps:targets", story.pep.uuid),
            ("peps:section", story.section("attendance").uuid),
            ("peps:write", story.section("my_views").uuid),
            ("peps:meeting", story.meeting.uuid),
            ("overview:child", story.people.amy.uuid),
            ("attendance:child", story.people.amy.uuid),
        ]
        assert {page(client, colleague, *one).status_code for one in addresses} == {404}
        assert page(client, colleague, "peps:delegate", story.section(KEY).uuid).status_code == 403

    def test_the_policies_know_it_too(self, story, colleague):
        give(story, colleague)
        section, other = story.section(KEY), story.section("attendance")
        assert policies.can_write_section(colleague, section)
        assert not policies.can_write_section(colleague, other)
        assert not policies.can_delegate(colleague, section)
        assert not policies.can_withdraw(colleague, section)
        assert not policies.can_submit(colleague, story.pep)
        at = policies.standing(colleague, story.pep)
        assert (at.own, at.wrote, at.asked) == (False, False, frozenset({section.pk}))
        assert policies.can_write_section(colleague, section, at)
        assert not policies.can_write_section(colleague, other, at)

    def test_nobodys_cover_goes_through_it(self, story, colleague):
        give(story, colleague)
        cover = CoverFactory(user=colleague, covered_by=UserFactory(role="teacher"))
        assert sections_of(cover.covered_by) == set()

    def test_who_covers_for_the_designated_teacher_gives_sections_too(self, story, colleague):
        cover = CoverFactory(user=story.people.teacher, covered_by=UserFactory(role="teacher"))
        delegating.delegate(section=story.section(KEY), colleague=colleague, by=cover.covered_by)
        assert sections_of(colleague) == {KEY}

    def test_the_night_nobody_else_of_the_school_gets_it(self, story, colleague):
        give(story, colleague)
        other = UserFactory(role="teacher")
        MembershipFactory(user=other, organisation=story.people.school.organisation, position="colleague")
        assert sections_of(other) == set()


class TestEnding:
    def ended(self, given: SectionDelegation) -> str:
        given.refresh_from_db()
        grants = AccessGrant.objects.filter(matter=given.matter, closes_at__isnull=True)
        assert not grants.exists()
        return given.ended_why

    def test_taken_back(self, story, colleague):
        given = give(story, colleague)
        delegating.withdraw(delegation=given, by=story.people.teacher)
        assert self.ended(given) == "It was taken back"
        assert sections_of(colleague) == set()
        with pytest.raises(Conflict):
            delegating.withdraw(delegation=given, by=story.people.teacher)

    def test_given_to_somebody_else(self, story, colleague):
        given = give(story, colleague)
        other = UserFactory(role="teacher")
        again = give(story, other)
        assert self.ended(given) == "It was given to somebody else"
        assert (sections_of(colleague), sections_of(other)) == (set(), {KEY})
        assert Membership.objects.get(user=other).position == "colleague"
        assert delegating.standing_delegation(story.section(KEY)) == again

    def test_a_double_click_gives_it_once(self, story, colleague):
        assert give(story, colleague) == give(story, colleague)
        assert SectionDelegation.objects.count() == 1
        assert Message.objects.filter(kind="pep.asked", to=colleague).count() == 1

    def test_sent_in(self):
        story = stages.written()
        writing.reopen_section(section=story.section(KEY), by=story.people.teacher)
        colleague = UserFactory(role="teacher")
        given = give(story, colleague)
        writing.complete_section(section=story.section(KEY), by=colleague)
        assert sections_of(colleague) == {KEY}
        submitting.submit_pep(pep=story.pep, by=story.people.teacher)
        assert self.ended(given) == "The PEP was sent in"
        assert sections_of(colleague) == set()

    def test_cancelled(self, story, colleague):
        given = give(story, colleague)
        ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
        assert self.ended(given) == "The PEP was cancelled"

    def test_the_colleague_left_yesterday_and_the_night_writes_it_down(self, story, colleague):
        given = give(story, colleague)
        Membership.objects.filter(user=colleague).update(end=today())
        assert sections_of(colleague) == set()
        assert not policies.can_write_section(colleague, story.section(KEY))
        assert open_due(today(), 0, 1, lambda: None)["lapsed"] == 1
        assert self.ended(given) == "The colleague left the school"

    def test_the_account_was_closed(self, story, colleague):
        give(story, colleague)
        accounts.deactivate(user=colleague, why="Left", by=UserFactory(administrator=True))
        colleague.refresh_from_db()
        assert sections_of(colleague) == set()

    def test_the_child_changed_schools(self, story, colleague):
        give(story, colleague)
        enrolment = story.people.amy.enrolments.get()
        schools.end_enrolment(enrolment=enrolment, end=today(), reason="moved", by=story.people.coordinator)
        assert sections_of(colleague) == set()

    def test_what_they_wrote_stays_theirs(self, story, colleague):
        given = give(story, colleague)
        writing.save_answers(section=story.section(KEY), answers={"clubs": "Chess"}, seen={}, by=colleague)
        delegating.withdraw(delegation=given, by=story.people.teacher)
        assert PepAnswer.objects.get().written_by == colleague
        with pytest.raises(Refused):
            writing.save_answers(section=story.section(KEY), answers={"clubs": "Go"}, seen={}, by=colleague)


class TestGiving:
    @pytest.mark.parametrize("role", ["socialworker", "coordinator", "vsh", "iro", "ala"])
    def test_only_the_school_gives(self, story, colleague, role):
        with pytest.raises(Refused):
            delegating.delegate(section=story.section(KEY), colleague=colleague, by=story.people[role])

    def test_another_schools_teacher_gives_nothing(self, story, colleague):
        with pytest.raises(Refused):
            delegating.delegate(section=story.section(KEY), colleague=colleague, by=story.people.outsiders["teacher"])

    @pytest.mark.parametrize("key", ["child_and_care", "targets"])
    def test_neither_another_owners_section_nor_the_targets(self, story, colleague, key):
        with pytest.raises(Refused):
            give(story, colleague, key)

    def test_a_colleague_gives_nothing_on(self, story, colleague):
        give(story, colleague)
        with pytest.raises(Refused):
            delegating.delegate(section=story.section(KEY), colleague=UserFactory(role="teacher"), by=colleague)

    def test_a_finished_section_is_opened_first(self, story, colleague):
        stages.fill(story, KEY)
        with pytest.raises(Refused):
            give(story, colleague)

    def test_to_oneself_or_to_another_kind_of_account_it_is_not_given(self, story):
        for user in (story.people.teacher, story.people.socialworker, UserFactory(role="teacher", is_active=False)):
            with pytest.raises(Refused):
                give(story, user)
        assert not SectionDelegation.objects.exists()

    def test_a_deputy_keeps_their_place(self, story):
        deputy = UserFactory(role="teacher")
        MembershipFactory(user=deputy, organisation=story.people.school.organisation, deputy=True)
        give(story, deputy)
        assert Membership.objects.get(user=deputy).position == "deputy"

    def test_it_is_told_and_kept(self, story, colleague):
        given = give(story, colleague, words="You know the clubs best")
        event = AuditEvent.objects.get(verb="pep.section_given")
        assert (event.data["to"], event.data["section"]) == (colleague.pk, KEY)
        assert AccessGrant.objects.get(matter=given.matter).reason == "A section of the PEP to write"

    def test_a_colleague_who_is_appointed_reaches_the_school(self, story, colleague):
        accounts.appoint_teacher(
            organisation=story.people.school.organisation,
            user=colleague,
            start=today(),
            by=story.people.coordinator,
            deputy=True,
        )
        assert Child.objects.visible_to(colleague).count() == 1

    def test_naming_a_colleague_is_the_schools(self, story):
        new = {"name": "Nina New", "email": "nina@school.example", "role": "teacher"}
        school = story.people.school.organisation
        for user in (story.people.outsiders["teacher"], story.people.socialworker, story.people.vsh):
            with pytest.raises(Refused):
                accounts.invite(**new, by=user, colleague_at=school)
        with pytest.raises(Refused):
            accounts.invite(**new, by=story.people.teacher, colleague_at=SchoolFactory().organisation)
        with pytest.raises(Refused):
            accounts.invite(**new, by=story.people.teacher, teacher=True)
        made = accounts.invite(**new | {"role": "vsh"}, by=story.people.teacher, colleague_at=school)
        assert made.role == "teacher"


class TestPages:
    def send(self, client, user, view, section, **data):
        client.force_login(user)
        return client.post(reverse(f"peps:{view}", args=[section.uuid]), data)

    def test_the_designated_teacher_names_a_colleague(self, client, story, colleague):
        section = story.section(KEY)
        shown = page(client, story.people.teacher, "peps:delegate", section.uuid)
        assert [words for _, words in shown.context["form"].fields["who"].choices] == [
            "Colin League",
            "Somebody else at the school",
        ]
        facts = {"who": colleague.uuid, "words": "You know the clubs best"}
        response = self.send(client, story.people.teacher, "delegate", section, **facts)
        assert response.url == story.pep.get_absolute_url()
        write = page(client, colleague, "peps:write", section.uuid).content.decode()
        assert "Tess Teacher asks you to write this section." in write
        assert "You know the clubs best" in write
        assert reverse("peps:detail", args=[story.pep.uuid]) not in write
        told = page(client, story.people.teacher, "peps:write", section.uuid).content.decode()
        assert "With Colin League since" in told

    def test_somebody_new_is_invited_by_a_mail_that_names_no_child(self, client, story, settings):
        section = story.section(KEY)
        facts = {"who": "new", "name": "Nina New", "email": "nina@school.example"}
        assert self.send(client, story.people.teacher, "delegate", section, **facts).status_code == 302
        nina = User.objects.get(email="nina@school.example")
        assert (nina.role, nina.memberships.get().position) == ("teacher", "colleague")
        assert sections_of(nina) == {KEY}
        assert [one.to for one in mail.outbox] == [["nina@school.example"]]
        assert "Amy" not in mail.outbox[0].body + mail.outbox[0].subject

    @pytest.mark.parametrize(
        ("facts", "field"),
        [
            ({"who": "new"}, "email"),
            ({"who": "new", "email": "nina@school.example"}, "name"),
            ({"who": "new", "email": "not an address", "name": "N"}, "email"),
            ({}, "who"),
            ({"who": "0"}, "who"),
        ],
    )
    def test_what_is_missing_is_asked(self, client, story, facts, field):
        response = self.send(client, story.people.teacher, "delegate", story.section(KEY), **facts)
        assert list(response.context["form"].errors) == [field]

    def test_an_account_of_another_kind_is_not_asked(self, client, story):
        facts = {"who": "new", "email": story.people.socialworker.email, "name": "Sam"}
        form = self.send(client, story.people.teacher, "delegate", story.section(KEY), **facts).context["form"]
        assert form.errors["email"] == ["This account is closed, or is not one of a school."]

    def test_a_stale_button_takes_nothing_from_the_next(self, client, story, colleague):
        old = give(story, colleague)
        other = UserFactory(role="teacher")
        give(story, other)
        section = story.section(KEY)
        stale = self.send(client, story.people.teacher, "withdraw", section, delegation=old.uuid)
        assert (stale.status_code, sections_of(other)) == (409, {KEY})
        now = delegating.standing_delegation(section)
        assert self.send(client, story.people.teacher, "withdraw", section, delegation=now.uuid).status_code == 302
        assert sections_of(other) == set()

    def test_home_shows_a_colleague_what_was_asked_of_them_and_nothing_else(self, client, story, colleague):
        assert [panel.title for panel in page(client, colleague, "overview:home").context["panels"]] == ["Asked of you"]
        give(story, colleague)
        (panel,) = page(client, colleague, "overview:home").context["panels"]
        assert [item["href"] for item in panel.items] == [reverse("peps:write", args=[story.section(KEY).uuid])]
        stages.fill(story, KEY, by=colleague)
        (panel,) = page(client, colleague, "overview:home").context["panels"]
        assert panel.items[0]["status"]["text"] == "finished"

    def test_a_deputy_sees_it_before_the_rest(self, client, story):
        deputy = UserFactory(role="teacher")
        MembershipFactory(user=deputy, organisation=story.people.school.organisation, deputy=True)
        before = [panel.title for panel in page(client, deputy, "overview:home").context["panels"]]
        give(story, deputy)
        after = [panel.title for panel in page(client, deputy, "overview:home").context["panels"]]
        assert after == ["Asked of you", *before]

    def test_a_colleague_writes_and_finishes_and_is_led_home(self, client, story, colleague):
        give(story, colleague)
        section = story.section(KEY)
        draft = self.send(client, colleague, "write", section, clubs="Chess", draft="1")
        assert draft.url == reverse("overview:home")
        facts = {"hours_offered": "25", "key_adult": "Ms A", "clubs": "Football", "seen_clubs": "0:"}
        seen = page(client, colleague, "peps:write", section.uuid).context["form"].initial["seen_clubs"]
        done = self.send(client, colleague, "write", section, **facts | {"seen_clubs": seen})
        assert done.url == reverse("overview:home")
        assert story.section(KEY).state == "complete"
        assert page(client, colleague, "peps:section", section.uuid).status_code == 200

    def test_home_asks_as_much_for_three_as_for_one(
        self, client, story, colleague, django_assert_max_num_queries, django_assert_num_queries
    ):
        give(story, colleague)
        client.force_login(colleague)
        client.get(reverse("overview:home"))
        with django_assert_max_num_queries(100) as first:
            client.get(reverse("overview:home"))
        for key in ("attendance", "attainment"):
            give(story, colleague, key)
        with django_assert_num_queries(len(first.captured_queries)):
            client.get(reverse("overview:home"))


@pytest.mark.parametrize("goes_on", [True, False])
def test_the_child_leaves_the_school(story, colleague, goes_on):
    """At once, at another school or at none: the colleagues of the one left write nothing more."""
    given, people = give(story, colleague), story.people
    place = people.amy.enrolments.get()
    if goes_on:
        schools.enrol(child=people.amy, school=people.other_school, start=today(), by=None)
    else:
        schools.end_enrolment(enrolment=place, end=today(), reason="Moved away", by=None)
    deliver_pending()
    given.refresh_from_db()
    assert (given.until is None, given.ended_why in (delegating.CHILD_LEFT, moving.MOVED_WHY)) == (False, True)
    assert sections_of(colleague) == set()


def test_a_pep_that_moves_ends_what_was_given_and_one_that_leaves_later_does_not_yet(story, colleague):
    given, people = give(story, colleague), story.people
    schools.end_enrolment(enrolment=people.amy.enrolments.get(), end=today() + DAY, reason="Moves", by=None)
    deliver_pending()
    given.refresh_from_db()
    assert given.until is None
    moving.take_along(
        story.pep, EnrolmentFactory(child=people.amy, school=people.other_school, start=today() + DAY), by=None
    )
    given.refresh_from_db()
    assert given.ended_why == moving.MOVED_WHY


def test_one_section_is_given_to_one_at_a_time(story):
    section = PepSectionFactory(pep=story.pep, key="alternative_provision")
    facts = {"section": section, "by": story.people.teacher, "since": story.meeting.starts_at}
    SectionDelegation.objects.create(**facts, colleague=UserFactory(role="teacher"))
    with pytest.raises(Exception, match="section_given_to_one_at_a_time"):
        SectionDelegation.objects.create(**facts, colleague=UserFactory(role="teacher"))
