"""Several meetings planned in one go: the ticks, the times, what is shown before, and what is refused or was planned meanwhile."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from peps.actions import meetings
from peps.actions.planning import Slot, schedule_several
from peps.enums import MeetingState, PepState
from peps.forms.several import prefix
from peps.models import MeetingInvitation, Pep, PepMeeting
from tests import personas
from tests.factories.children import ChildFactory, RelationshipFactory
from tests.factories.peps import PepFactory, PepMeetingFactory
from tests.peps import stages
from virtualschool.audit.models import AccessLog
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
SEVERAL = reverse("peps:plan_several")
DAY = today() + timedelta(days=7)


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def three(people):
    """Three PEPs at Amy's school, in the order of their names."""
    ben, cat = (child_of(people, first_names=name, last_name=name) for name in ("Zeb", "Zoe"))
    return [pep_of(child) for child in (people.amy, ben, cat)]


def child_of(people, **fields):
    child = ChildFactory(in_care=True, year=4, school=people.school, coordinator=people.coordinator, **fields)
    RelationshipFactory(child=child, kind="social_worker", user=people.socialworker)
    return child


def pep_of(child, **fields):
    school = child.enrolments.select_related("school").get().school
    return PepFactory(child=child, period=child.periods_of_care.get(), school=school, **fields)


def row(pep, hour, *, day=DAY, place="School library"):
    when = {"on-day": day.day, "on-month": day.month, "on-year": day.year, "time": f"{hour}:00"}
    return {f"{prefix(pep)}-{name}": str(value) for name, value in {**when, "place": place}.items()}


def typed(peps, **more):
    """What the page sends for these PEPs: from nine o'clock, one an hour."""
    rows = {}
    for hour, pep in enumerate(peps, 9):
        rows |= row(pep, hour)
    return {"pep": [str(pep.uuid) for pep in peps], **rows, **more}


def slots(peps, *, place="School library"):
    return [Slot(pep, stages.at(DAY, hour), place) for hour, pep in enumerate(peps, 9)]


def planned():
    return list(PepMeeting.objects.filter(state=MeetingState.PLANNED).order_by("starts_at"))


def letters():
    return Message.objects.filter(kind="pep.invited").count()


class TestAction:
    def test_each_has_its_meeting_its_people_and_its_letters(self, people, three):
        outcome = schedule_several(slots=slots(three), by=people.coordinator)
        assert [meeting.pep_id for meeting in planned()] == [pep.pk for pep in three]
        assert not outcome.left
        assert set(Pep.objects.values_list("state", flat=True)) == {PepState.PREPARING}
        assert letters() == MeetingInvitation.objects.filter(user__isnull=False).count() > 5

    def test_pressed_twice_nothing_is_planned_or_sent_twice(self, people, three):
        schedule_several(slots=slots(three), by=people.coordinator)
        sent = letters()
        again = schedule_several(slots=slots(three), by=people.coordinator)
        assert [meeting.pk for meeting in again.planned] == sorted(meeting.pk for meeting in planned())
        assert (len(planned()), letters(), again.left) == (3, sent, {})

    def test_one_that_somebody_planned_meanwhile_says_so_and_the_others_go_through(self, people, three):
        meetings.schedule_meeting(pep=three[1], starts_at=stages.at(DAY, 15), place="Somewhere else", by=people.teacher)
        outcome = schedule_several(slots=slots(three), by=people.coordinator)
        assert sorted(meeting.pep_id for meeting in outcome.planned) == sorted([three[0].pk, three[2].pk])
        reason = outcome.left[three[1].pk].reason
        assert f"Planned already by {people.teacher}" in reason
        assert "Somewhere else" in reason
        assert PepMeeting.objects.get(pep=three[1]).place == "Somewhere else"

    def test_another_persons_meeting_at_the_same_time_and_place_is_theirs(self, people, three):
        schedule_several(slots=slots(three), by=people.coordinator)
        assert len(schedule_several(slots=slots(three), by=people.teacher).left) == 3

    def test_what_the_policy_refuses_is_told_with_its_reason(self, people, three):
        theirs = pep_of(people.bob)
        outcome = schedule_several(slots=slots([*three, theirs]), by=people.teacher)
        assert list(outcome.left) == [theirs.pk]
        assert "arranged by the PEP coordinators" in outcome.left[theirs.pk].reason
        assert len(planned()) == 3


class TestPages:
    @pytest.fixture(autouse=True)
    def signed_in(self, client, people):
        client.force_login(people.coordinator)
        self.send = partial(client.post, SEVERAL)

    def test_the_lists_offer_ticks_only_where_a_meeting_can_be_planned(self, client, people, three):
        PepMeetingFactory(pep=three[0], starts_at=now() + timedelta(days=3))
        for url in (reverse("peps:planner"), reverse("peps:list")):
            client.force_login(people.coordinator)
            rows = client.get(url).context["table"].rows
            chosen = {drawn[1].cell.text: bool(drawn[0].cell.choice) for drawn in rows}
            assert chosen == {pep.child.name: place > 0 for place, pep in enumerate(three)}
            client.force_login(people.ala)
            assert client.get(url).context["table"].choices == ""

    def test_a_row_says_whose_it_is_when_it_is_due_and_who_must_come(self, client, people, three):
        answer = client.get(SEVERAL, {"pep": [str(pep.uuid) for pep in three]})
        drawn = answer.context["rows"][0]
        assert (drawn["child"], drawn["school"]) == (people.amy.name, people.school.name)
        assert drawn["due"].href
        assert f"Social worker: {people.socialworker}" in drawn["must"]
        assert sorted(AccessLog.objects.latest("pk").child_ids) == sorted(pep.child_id for pep in three)

    def test_times_are_filled_in_for_a_school_and_what_was_typed_elsewhere_stays(self, people, three):
        other = pep_of(people.bob)
        asked = typed(three, fill="yes") | row(other, 16, place="Their hall")
        asked["pep"].append(str(other.uuid))
        day = {"fill-on-day": DAY.day, "fill-on-month": DAY.month, "fill-on-year": DAY.year}
        school = {"fill-school": str(people.school.uuid), "fill-place": "By video"}
        answer = self.send(asked | day | school | {"fill-time": "13:15", "fill-minutes": "45"})
        said = [(one["form"]["time"].value(), one["form"]["place"].value()) for one in answer.context["rows"]]
        assert sorted(said) == [
            ("13:15", "By video"),
            ("14:00", "By video"),
            ("14:45", "By video"),
            ("16:00", "Their hall"),
        ]
        assert not planned()

    def test_more_than_the_day_holds_is_said(self, three):
        day = {"fill-on-day": DAY.day, "fill-on-month": DAY.month, "fill-on-year": DAY.year}
        answer = self.send(typed(three, fill="yes") | day | {"fill-time": "23:00", "fill-minutes": "60"})
        assert "The last would begin on the next day" in answer.content.decode()

    def test_nothing_is_planned_before_it_was_shown(self, people, three):
        answer = self.send(typed(three[:2], check="yes"))
        page = answer.content.decode()
        assert "Plan these 2 meetings and invite" in page
        assert f"Designated teacher: {people.teacher}" in page
        assert not planned()
        carried = {field["name"] for field in answer.context["fields"]}
        assert carried == set(typed(three[:2]))

    def test_who_has_to_be_in_two_places_is_shown(self, people, three):
        asked = typed(three[:2], check="yes") | row(three[1], 9)
        assert f"{people.socialworker} has to be at another meeting then" in self.send(asked).content.decode()

    def test_done_twice_it_is_done_once(self, three):
        for _ in range(2):
            answer = self.send(typed(three, go="yes"))
            assert answer.status_code == 302
            assert answer.url == f"{reverse('peps:planner_month')}?month={DAY:%Y-%m}"
        assert len(planned()) == 3

    def test_a_row_that_is_planned_already_has_no_boxes(self, client, people, three):
        meetings.schedule_meeting(pep=three[0], starts_at=stages.at(DAY, 15), place="Elsewhere", by=people.vsh)
        page = client.get(SEVERAL, {"pep": [str(pep.uuid) for pep in three]}).content.decode()
        assert f"Planned already by {people.vsh}" in page
        assert f"{prefix(three[0])}-place" not in page
        assert f"{prefix(three[1])}-place" in page

    def test_a_row_without_a_time_is_left_for_another_day(self, three):
        empty = {f"{prefix(three[2])}-{name}": "" for name in ("on-day", "on-month", "on-year", "time")}
        answer = self.send(typed(three, check="yes") | empty)
        assert [one["key"] for one in answer.context["left"]] == [three[2].child.name]
        self.send(typed(three, go="yes") | empty)
        assert [meeting.pep_id for meeting in planned()] == [three[0].pk, three[1].pk]

    def test_the_refused_row_stays_with_its_reason_and_the_rest_is_planned(self, people, three):
        meetings.schedule_meeting(pep=three[0], starts_at=stages.at(DAY, 15), place="Elsewhere", by=people.vsh)
        answer = self.send(typed(three, go="yes"))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert f"Planned already by {people.vsh}" in page
        assert "2 meetings are planned and the invitations are out." in page
        assert [one["child"] for one in answer.context["rows"]] == [people.amy.name]

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"on-day": ""}, "must include a day"),
            ({"on-year": "1999"}, "must be today or in the future"),
            ({"time": "soon"}, "Enter a time"),
            ({"place": ""}, "Enter where, or how to join"),
            ({"place": "x" * 100_000}, "200 characters or fewer"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_row_and_nothing_is_planned(self, people, three, wrong, words):
        odd = {f"{prefix(three[0])}-{name}": value for name, value in wrong.items()}
        for step in ("check", "go"):
            page = self.send(typed(three, **{step: "yes"}) | odd).content.decode()
            assert words in page
            assert f"{people.amy.name}: " in page
        assert not planned()

    def test_odd_picks_and_other_peoples_children(self, client, people, three):
        asked = {"pep": ["", "nonsense", str(people.amy.uuid), str(three[0].uuid), str(three[0].uuid)]}
        assert [one["child"] for one in client.get(SEVERAL, asked).context["rows"]] == [people.amy.name]
        assert "No child is ticked" in client.get(SEVERAL).content.decode()
        client.force_login(people.outsiders["teacher"])
        asked = typed(three, go="yes")
        assert "No child is ticked" in client.get(SEVERAL, {"pep": asked["pep"]}).content.decode()
        client.post(SEVERAL, asked)
        assert not planned()

    def test_no_more_questions_for_eight_rows_than_for_two(self, client, people, three, django_assert_max_num_queries):
        many = [*three, *(pep_of(child_of(people)) for _ in range(5))]
        counts = []
        client.get(SEVERAL)
        for peps in (many[:2], many):
            with django_assert_max_num_queries(60) as asked:
                client.get(SEVERAL, {"pep": [str(pep.uuid) for pep in peps]})
            with django_assert_max_num_queries(60) as checked:
                self.send(typed(peps, check="yes"))
            counts.append((len(asked), len(checked)))
        assert counts[0] == counts[1]
