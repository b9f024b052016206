"""The day on which a school place was applied for, and the school of an emergency whose case named none."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children.models import Clock, Enrolment, PeriodOfCare
from referrals.actions import admissions as actions
from referrals.actions import follow_moves as follow
from referrals.actions import move_decisions as deciding
from referrals.actions.admissions import StepFacts
from referrals.enums import ApplicationEvent as E
from referrals.enums import MoveState
from referrals.models import Application, ProposedSchool
from tests import personas
from tests.factories.children import SchoolFactory, SchoolJudgementFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people():
    cast = personas.cast()
    type(cast.school).objects.filter(pk=cast.school.pk).update(high_age=18)
    return cast


@pytest.fixture
def case(people):
    """An emergency placement opened it by itself: no school is named."""
    found = follow.open_for_placement(child_id=people.amy.pk, education="emergency", on=str(today()))
    found.refresh_from_db()
    assert (found.state, found.schools.count()) == (MoveState.ACTED, 0)
    return found


def applied(people, school, **more):
    return actions.apply(child=people.amy, school=school, by=people.coordinator, key=uuid4(), **more)


def on_day(day):
    return {"on-day": day.day, "on-month": day.month, "on-year": day.year}


class TestEmergency:
    def test_the_school_that_is_applied_for_takes_the_child_on_its_roll(self, people, case):
        one = applied(people, people.other_school, move=case)
        actions.step(application=one, event=E.OFFER, facts=StepFacts(today()), by=people.coordinator)
        case.refresh_from_db()
        place = deciding.put_on_roll(move=case, school=people.other_school, start=today(), by=people.coordinator)
        case.refresh_from_db()
        assert (case.state, case.new_place) == (MoveState.ON_ROLL, place)

    def test_a_second_school_is_applied_for_after_the_first_and_comes_after_it(self, people, case):
        third = SchoolFactory()
        for school in (people.other_school, third):
            applied(people, school, move=case)
            case.refresh_from_db()
        assert [(row.school, row.order) for row in case.schools.all()] == [(people.other_school, 1), (third, 2)]

    def test_not_below_the_line(self, people, case):
        below = SchoolFactory()
        SchoolJudgementFactory(school=below, outcome={"overall": "Inadequate"})
        with pytest.raises(Refused, match="below the line"):
            applied(people, below, move=case)
        assert (Application.objects.count(), ProposedSchool.objects.count()) == (0, 0)

    def test_not_for_a_move_to_home_education(self, people, case):
        type(case).objects.filter(pk=case.pk).update(destination="home")
        with pytest.raises(Refused, match="no other school"):
            applied(people, people.other_school, move=case)

    def test_the_page_takes_any_school(self, client, people, case):
        client.force_login(people.coordinator)
        where = reverse("admissions:apply_for_move", args=[case.uuid])
        client.post(where, {"school": people.other_school.urn, "key": str(uuid4()), **on_day(today())})
        assert Application.objects.get().school == people.other_school
        assert client.get(where).context["form"]["school"].value() == people.other_school.urn


class TestSentOn:
    @pytest.fixture(autouse=True)
    def without_a_school(self, people):
        Enrolment.objects.filter(child=people.amy).update(end=today() - 30 * DAY)

    def test_the_days_count_from_the_day_on_which_it_was_sent(self, client, people):
        sent_on = today() - 9 * DAY
        client.force_login(people.coordinator)
        facts = {"school": people.other_school.urn, "facts": "", "key": str(uuid4()), **on_day(sent_on)}
        client.post(reverse("admissions:apply", args=[people.amy.uuid]), facts)
        one = Application.objects.get()
        assert (one.applied_on, one.steps.get().on) == (sent_on, sent_on)
        assert set(Clock.objects.filter(matter=one.matter).values_list("started_on", flat=True)) == {sent_on}
        answered = actions.step(
            application=one, event=E.OFFER, facts=StepFacts(sent_on + 2 * DAY), by=people.admissions
        )
        assert answered.answered_on == sent_on + 2 * DAY

    def test_neither_before_care_nor_to_come(self, people):
        began = PeriodOfCare.objects.get(child=people.amy).start
        for day in (began - DAY, today() + DAY):
            with pytest.raises(ValidationError) as refused:
                applied(people, people.other_school, on=day)
            assert set(refused.value.error_dict) == {"on"}
        assert applied(people, people.other_school, on=began).applied_on == began

    def test_not_before_the_case_allowed_it(self, people, case):
        with pytest.raises(ValidationError, match="approved, or acted on"):
            applied(people, people.other_school, move=case, on=today() - DAY)
