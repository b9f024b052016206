"""What each role sees first: its own work, most urgent first, or words that say there is none."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from children.enums import Answer, RelationKind
from children.models import Alert
from peps.enums import Owner, PepState, Response, Seat, SectionState
from tests import personas
from tests.factories.accounts import CoverFactory
from tests.factories.children import (
    AlertFactory,
    CareReviewFactory,
    ChildFactory,
    PeriodOfCareFactory,
    RelationshipFactory,
    SchoolFactory,
)
from tests.factories.peps import (
    MeetingInvitationFactory,
    PepAuthorFactory,
    PepFactory,
    PepMeetingFactory,
    PepSectionFactory,
)
from tests.factories.pupil_premium import ReleaseFactory
from tests.factories.referrals import RiskReportFactory
from tests.overview import scene
from tests.words import says
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.enums import AccessKind
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now, today
from virtualschool.overview.homes import planning, work
from virtualschool.overview.homes.panel import SHOWN

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOME = reverse("overview:home")
# Queries of each role's home page, however much waits; a panel that has less than it shows needs no count of the rest.
ASKED = {
    "vsh": 28,
    "ala": 21,
    "coordinator": 21,
    "support": 12,
    "socialworker": 15,
    "manager": 14,
    "iro": 10,
    "teacher": 16,
    "sen": 7,
    "admissions": 9,
    "data": 11,
    "dpo": 10,
}


@pytest.fixture
def cast():
    return personas.cast()


def home(client, user):
    client.force_login(user)
    answer = client.get(HOME)
    assert answer.status_code == 200
    return answer


def titles(panel) -> list[str]:
    return [item["title"] for item in panel.items]


def in_care(**facts):
    return ChildFactory(in_care=True, **facts)


def pep_of(child, **facts):
    return PepFactory(child=child, period=child.periods_of_care.get(), **facts)


class TestEveryRole:
    def test_with_nothing_to_do(self, client):
        for role in ROLES:
            answer = home(client, personas.person(role))
            assert [(panel.count, panel.items) for panel in answer.context["panels"]] == [(0, [])] * len(
                answer.context["panels"]
            )
            assert all(panel.empty in answer.content.decode() for panel in answer.context["panels"])

    def test_with_work_of_every_kind(self, client, cast):
        scene.fill(cast)
        waiting = {
            role: [panel.title for panel in home(client, cast[role]).context["panels"] if panel.count]
            for role in set(ROLES) - {"dpo"}
        }
        assert waiting == {
            "vsh": [
                "Care placements and school places at risk",
                "New since yesterday",
                "PEPs to quality-assure",
                "Pupil Premium Plus to release",
            ],
            "ala": [
                "Care placements and school places at risk",
                "My caseload: alerts",
                "PEPs to quality-assure",
                "Invitations",
                "Pupil Premium Plus to release",
            ],
            "coordinator": ["Meetings with something missing", "PEPs without a meeting", "Sent back to the school"],
            "support": [
                "My phase: what is next",
                "Sections to write",
                "PEPs without a meeting",
                "Meetings with something missing",
            ],
            "socialworker": [
                "Invitations",
                "Sections to write",
                "Alerts",
                "Care placements and school places at risk",
                "My children",
            ],
            "manager": [
                "Care placements and school places at risk",
                "Sections to write",
                "Alerts",
                "My team's children",
            ],
            "iro": ["Reviews in the next fortnight", "Children I review"],
            "teacher": ["Invitations", "Sent back to you", "Sections to write", "Children at my school"],
            "sen": ["Matters open to you"],
            "admissions": ["Matters open to you"],
            "data": ["Records to complete", "Pupil Premium Plus to release"],
        }

    def test_every_link_on_it_leads_somewhere(self, client, cast):
        scene.fill(cast)
        wrong = {}
        for role in ROLES:
            main = home(client, cast[role]).content.decode().split("<main", 1)[1].split("</main>")[0]
            hrefs = {href.replace("&amp;", "&") for href in re.findall(r'href="([^"#]+)"', main)}
            got = {href: client.get(href).status_code for href in hrefs}
            wrong |= {(role, href): status for href, status in got.items() if status != 200}
        assert wrong == {}

    def test_outsiders_see_nothing_of_amy(self, client, cast):
        scene.fill(cast)
        for role, user in cast.outsiders.items():
            assert (says(home(client, user).content.decode(), "Amy"), role) == (False, role)

    def test_no_name_of_an_element_stands_twice(self, client, cast):
        scene.fill(cast)
        for role in ROLES:
            ids = re.findall(r'\bid="([^"]+)"', home(client, cast[role]).content.decode())
            assert (sorted(ids), role) == (sorted(set(ids)), role)

    def test_whom_it_showed_is_in_the_access_log(self, client, cast):
        home(client, cast.socialworker)
        assert AccessLog.objects.latest("pk").child_ids == [cast.amy.pk]

    def test_the_same_questions_for_one_child_and_for_many(self, client, cast):
        def asked() -> dict[str, int]:
            return {role: questions(client, cast[role]) for role in ROLES}

        few = asked()
        scene.fill(cast)
        scene.more_children(20)
        assert asked() == ASKED
        assert [role for role in ROLES if few[role] > ASKED[role]] == []


def questions(client, user) -> int:
    """How many queries the person's home page takes."""
    client.force_login(user)
    client.get(reverse("overview:you"))
    with CaptureQueriesContext(connection) as captured:
        client.get(HOME)
    return len(captured)


class TestOffers:
    def test_what_a_role_does_most_is_one_press_away(self, client, cast):
        got = {role: [offer["text"] for offer in home(client, cast[role]).context["offers"]] for role in ROLES}
        risk, new = "Tell us a care placement or school place is at risk", "New to care"
        assert got == dict.fromkeys(ROLES, []) | {
            "vsh": [risk, new],
            "ala": [risk],
            "coordinator": [new],
            "socialworker": [risk],
            "manager": [risk],
            "data": [new],
        }

    def test_figures_above_the_panels(self, client, cast):
        got = {role: len(home(client, cast[role]).context["figures"]) for role in ROLES}
        assert got == dict.fromkeys(ROLES, 0) | {"vsh": 8, "ala": 4, "coordinator": 4}
        figures = home(client, cast.vsh).context["figures"]
        assert figures[0]["number"] == client.get(figures[0]["href"]).context["pages"].total == 2


class TestPanels:
    def test_a_long_one_shows_the_first_and_says_how_many_there_are(self, client, cast):
        for _ in range(SHOWN + 3):
            AlertFactory(child=cast.amy)
        panel = work.alerts(cast.socialworker)
        assert (panel.count, len(panel.items)) == (SHOWN + 3, SHOWN)
        assert f"Alerts ({SHOWN + 3})" in home(client, cast.socialworker).content.decode()

    def test_risks_new_ones_before_those_with_a_plan(self, cast):
        RiskReportFactory(child=in_care(first_names="Planned"), with_plan=True)
        RiskReportFactory(child=in_care(first_names="New"))
        RiskReportFactory(child=in_care(first_names="Closed"), closed=True)
        assert titles(work.risks(cast.vsh)) == ["New Madeup", "Planned Madeup"]

    def test_alerts_unanswered_of_the_last_days_and_of_a_caseload(self, cast):
        AlertFactory(child=cast.amy, opened_on=today())
        AlertFactory(child=cast.amy, opened_on=today() - 2 * DAY)
        AlertFactory(child=cast.bob, opened_on=today() - DAY)
        answered = AlertFactory(child=cast.amy)
        Alert.objects.filter(pk=answered.pk).update(
            answer=Answer.NOTED, answer_reason="Known", answered_by=cast.ala, answered_at=now()
        )
        got = [
            work.alerts(cast.vsh).count,
            work.alerts(cast.vsh, since=1).count,
            work.alerts(cast.ala, caseload=RelationKind.ADVOCATE).count,
            work.alerts(cast.socialworker).count,
        ]
        assert got == [3, 2, 2, 2]

    def test_alerts_of_kinds_that_the_role_reads(self, cast):
        AlertFactory(child=cast.amy, field_group="health")
        assert [work.alerts(cast[role]).count for role in ("socialworker", "iro")] == [1, 0]

    def test_new_to_care_and_whether_they_have_a_school(self, cast):
        recent = {"start": today() - 27 * DAY}
        for name, school in (("Has", SchoolFactory()), ("Hasnt", None)):
            PeriodOfCareFactory(child=ChildFactory(first_names=name, school=school), **recent)
        PeriodOfCareFactory(child=ChildFactory(first_names="Before"), start=today() - 28 * DAY)
        PeriodOfCareFactory(child=ChildFactory(first_names="Breaks"), short_breaks=True, **recent)
        panel = work.new_to_care(cast.vsh)
        assert [(item["title"], item["status"]["text"]) for item in panel.items] == [
            ("Has Madeup", "has a school"),
            ("Hasnt Madeup", "no school"),
        ]

    def test_somebody_back_in_care_is_there_once_with_the_newer_date(self, cast):
        child = ChildFactory(first_names="Back", left_care=True)
        PeriodOfCareFactory(child=child, start=today() - 3 * DAY)
        panel = work.new_to_care(cast.vsh)
        assert [(item["title"], item["hint"]) for item in panel.items] == [
            ("Back Madeup", "in care since 7 November 2026")
        ]

    def test_without_a_school_of_school_age(self, cast):
        in_care(first_names="None")
        in_care(first_names="Old", year=12)
        ChildFactory(first_names="Breaks", in_short_breaks=True)
        assert titles(work.no_school(cast.vsh)) == ["None Madeup"]

    def test_peps_to_grade_are_not_those_one_wrote(self, cast):
        own, others = pep_of(cast.amy, submitted=True), pep_of(cast.bob, submitted=True)
        PepAuthorFactory(pep=own, user=cast.ala)
        PepAuthorFactory(pep=others, user=cast.teacher)
        assert titles(planning.peps_in_qa(cast.ala)) == ["Bob Madeup"]
        assert planning.peps_in_qa(cast.vsh).count == 2

    def test_peps_without_a_meeting_due_in_a_fortnight(self, cast):
        pep_of(in_care(first_names="Late"), overdue=True)
        pep_of(in_care(first_names="Soon"), due_on=today() + 14 * DAY)
        pep_of(in_care(first_names="Later"), due_on=today() + 15 * DAY)
        PepMeetingFactory(pep=pep_of(in_care(first_names="Planned"), overdue=True, state=PepState.PREPARING))
        assert titles(planning.peps_without_meeting(cast.coordinator)) == ["Late Madeup", "Soon Madeup"]

    def test_meetings_of_the_fortnight_and_what_each_lacks(self, cast):
        def meeting(name, response, days, section=SectionState.STARTED):
            pep = pep_of(in_care(first_names=name), state=PepState.PREPARING)
            planned = PepMeetingFactory(pep=pep, starts_at=now() + days * DAY)
            MeetingInvitationFactory(meeting=planned, user=cast.socialworker, response=response, declined_why="Court")
            PepSectionFactory(pep=pep, state=section)

        meeting("Held", Response.ACCEPTED, -1)
        meeting("Declined", Response.DECLINED, 1)
        meeting("Silent", Response.WAITING, 2)
        meeting("Ready", Response.ACCEPTED, 3)
        meeting("Unwritten", Response.ACCEPTED, 4, SectionState.NOT_STARTED)
        meeting("Later", Response.WAITING, 15)
        got = [(item["title"], item["status"]["text"]) for item in planning.meetings(cast.coordinator).items]
        assert got == [
            ("Held Madeup", "not written up"),
            ("Declined Madeup", "social worker declined"),
            ("Silent Madeup", "no answer yet"),
            ("Unwritten Madeup", "not prepared"),
        ]
        assert planning.meetings(cast.coordinator).items[-1]["hint"].endswith("; 1 section not started")

    def test_invitations_without_an_answer(self, cast):
        meeting = PepMeetingFactory(pep=pep_of(cast.amy, state=PepState.PREPARING), starts_at=now() + 3 * DAY)
        MeetingInvitationFactory(meeting=meeting, user=cast.socialworker)
        MeetingInvitationFactory(meeting=meeting, user=cast.iro, seat=Seat.IRO, response=Response.ACCEPTED)
        assert [planning.invitations(cast[role]).count for role in ("socialworker", "iro", "teacher")] == [1, 0, 0]

    def test_sections_that_a_part_owes(self, cast):
        pep = pep_of(cast.amy, state=PepState.PREPARING)
        PepSectionFactory(pep=pep, key="education_now", position=1, due_on=today() - DAY)
        PepSectionFactory(pep=pep, key="attainment", position=2, state=SectionState.COMPLETE)
        PepSectionFactory(pep=pep, key="child_and_care", owner=Owner.SOCIAL_WORKER, position=3)
        PepSectionFactory(pep=pep_of(cast.bob, state=PepState.PREPARING))
        panel = planning.sections(cast.teacher, Owner.DESIGNATED_TEACHER)
        assert [(item["title"], item["hint"], item["status"]["text"]) for item in panel.items] == [
            ("Amy Madeup", "Education now", "overdue")
        ]

    def test_children_with_the_next_pep_first(self, cast):
        child = in_care(first_names="Cal")
        RelationshipFactory(child=child, user=cast.socialworker)
        pep_of(child, due_on=today() + DAY)
        assert [(item["title"], item["status"]["text"]) for item in work.children(cast.socialworker).items] == [
            ("Cal Madeup", "due 11 November"),
            ("Amy Madeup", "no PEP open"),
        ]

    def test_reviews_in_a_fortnight_and_whether_there_is_a_pep_of_late_to_read(self, cast):
        CareReviewFactory(child=cast.amy, on=today() + 14 * DAY)
        CareReviewFactory(child=cast.amy, on=today() + 15 * DAY)
        CareReviewFactory(child=cast.bob, on=today() + DAY)
        got = [[(item["title"], item["status"]["text"]) for item in planning.reviews(cast.iro).items]]
        for days in (200, 20):
            pep_of(cast.amy, complete=True, completed_on=today() - days * DAY)
            got.append([(item["title"], item["status"]["text"]) for item in planning.reviews(cast.iro).items])
        assert got == [
            [("Amy Madeup", "no PEP")],
            [("Amy Madeup", "PEP of 24 April 2026")],
            [("Amy Madeup", "PEP green")],
        ]

    def test_money_that_waits(self, cast):
        ReleaseFactory(child=cast.amy, school=cast.school, advocate=cast.ala)
        assert [work.releases(cast[role]).count for role in ("vsh", "data")] == [1, 1]
        assert titles(work.releases(cast.vsh)) == ["Maths tutor, Amy's School"]

    def test_records_to_complete_say_what_is_missing(self, cast):
        in_care(first_names="", last_name="")
        complete = in_care(first_names="Whole", social_worker=cast.socialworker, iro=cast.iro, advocate=cast.ala)
        panel = work.unallocated(cast.data)
        hints = {item["title"]: item["hint"] for item in panel.items}
        assert complete.name not in hints
        assert hints["Bob Madeup"] == "no advocate"

    def test_somebody_whose_social_worker_has_no_account_any_more_is_to_be_allocated(self, cast):
        cast.socialworker.is_active = False
        cast.socialworker.save()
        hints = {item["title"]: item["hint"] for item in work.unallocated(cast.data).items}
        assert hints["Amy Madeup"] == "no social worker"

    def test_whoever_covers_sees_the_work_of_both(self, client, cast):
        AlertFactory(child=cast.bob)
        colleague = cast.outsiders["socialworker"]
        CoverFactory(user=colleague, covered_by=cast.socialworker)
        assert titles(work.children(cast.socialworker)) == ["Amy Madeup", "Bob Madeup"]
        assert work.alerts(cast.socialworker).count == 1

    def test_the_data_protection_officer_sees_reasons_and_refusals_and_no_child(self, client, cast):
        AccessLog.objects.create(
            user_id=str(cast.manager.pk),
            role="manager",
            method="POST",
            route="watch:outside_team",
            status=302,
            kind=AccessKind.BREAK_GLASS,
            child_ids=[cast.bob.pk],
            reason="The child came to the office alone",
        )
        client.force_login(cast.teacher)
        client.get(reverse("jobs:nights"))
        answer = home(client, cast.dpo)
        opened, denied = answer.context["panels"]
        assert [(item["title"], item["hint"]) for item in opened.items] == [
            ("Mo Manager", "The child came to the office alone")
        ]
        assert [item["title"] for item in denied.items] == ["Tess Teacher"]
        assert [name in answer.content.decode() for name in ("Amy", "Bob")] == [False, False]
