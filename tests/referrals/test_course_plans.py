"""A school move in the middle of courses: which lines wait for a plan, and what makes a plan hold no longer."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals.actions.course_plans import PlanFacts, plan
from referrals.courseplans import lines_for, unplanned, waiting
from referrals.enums import Destination, Match, MoveState
from referrals.models import CoursePlan, ProposedSchool, SchoolMove
from tests import personas
from tests.factories.children import SchoolFactory, born_for_year
from tests.factories.courses import ChildCourseFactory, SchoolCourseFactory, WholeListFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people():
    cast = personas.cast()
    cast.amy.date_of_birth = born_for_year(11)
    cast.amy.save()
    return cast


@pytest.fixture
def move(people):
    case = SchoolMove.objects.create(
        child=people.amy,
        state=MoveState.DRAFT,
        since=today(),
        destination=Destination.SCHOOL,
        wanted_on=today() + 14 * DAY,
        reason="The journey cannot be kept up",
        opened_on=today(),
        opened_by=people.socialworker,
    )
    ProposedSchool.objects.create(move=case, school=people.other_school)
    return case


def made(move, people, key, outcome=Match.OTHER_BOARD, by=None, words="Tuition each week", school=None):
    facts = {key: PlanFacts("tuition", words, outcome)}
    return plan(move=move, school=school or people.other_school, plans=facts, by=by or people.socialworker)


def test_a_young_person_without_a_course_has_one_line_that_waits(people, move):
    [one] = unplanned(move, people.other_school)
    assert (one.line.key, one.line.outcome, "No courses are recorded" in one.line.sentence) == (0, Match.UNKNOWN, True)
    assert made(move, people, 0, Match.UNKNOWN) == 1
    assert unplanned(move, people.other_school) == []
    ChildCourseFactory(child=people.amy)
    assert len(unplanned(move, people.other_school)) == 1


def test_it_holds_the_child_before_the_move(people, move):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        made(move, people, 0, Match.UNKNOWN)
    held = [one["sql"] for one in asked.captured_queries if "FOR UPDATE" in one["sql"]]
    assert ['"children_child"' in sql.split("WHERE")[0] for sql in held[:2]] == [True, True]
    assert ['FROM "children_child"' in sql for sql in held[:2]] == [True, False]


@pytest.mark.parametrize(("year", "lines"), [(9, 0), (10, 1), (11, 1), (12, 0)])
def test_only_years_10_and_11_must_have_courses(people, move, year, lines):
    people.amy.date_of_birth = born_for_year(year, move.wanted_on)
    people.amy.save()
    assert len(lines_for(SchoolMove.objects.get(pk=move.pk), people.other_school)) == lines


def test_a_plan_holds_for_the_comparison_it_was_made_for(people, move):
    course = ChildCourseFactory(child=people.amy)
    taught = SchoolCourseFactory(school=people.other_school)
    assert made(move, people, course.pk) == 1
    assert made(move, people, course.pk) == 0
    assert waiting(move, [people.other_school]) == {people.other_school.pk: 0}
    taught.delete()
    assert waiting(move, [people.other_school]) == {people.other_school.pk: 1}
    with pytest.raises(Conflict):
        made(move, people, course.pk)
    assert made(move, people, course.pk, Match.UNKNOWN) == 1
    assert CoursePlan.objects.get().outcome == Match.UNKNOWN


def test_a_match_needs_none_and_a_list_that_is_old_proves_nothing(people, move):
    course = ChildCourseFactory(child=people.amy)
    WholeListFactory(school=people.other_school, told_on=today() - 30 * DAY)
    [one] = lines_for(move, people.other_school)
    assert one.line.outcome == Match.NOT_OFFERED
    WholeListFactory(school=people.other_school, told_on=today() - 500 * DAY)
    [one] = lines_for(move, people.other_school)
    assert one.line.outcome == Match.UNKNOWN
    WholeListFactory(school=people.other_school, whole=False)
    assert lines_for(move, people.other_school)[0].line.outcome == Match.UNKNOWN
    SchoolCourseFactory(school=people.other_school, awarding_body="aqa", specification_code=course.specification_code)
    assert unplanned(move, people.other_school) == []


def test_who_plans_and_when(people, move):
    for role, user in people.people.items():
        if role in {"vsh", "ala", "coordinator", "socialworker", "manager", "teacher"}:
            assert made(move, people, 0, Match.UNKNOWN, by=user, words=f"Plan of {role}") == 1, role
        else:
            with pytest.raises(Refused):
                made(move, people, 0, Match.UNKNOWN, by=user)
    for user in (people.outsiders["socialworker"], people.outsiders["teacher"]):
        with pytest.raises(Refused):
            made(move, people, 0, Match.UNKNOWN, by=user)
    with pytest.raises(Refused, match="not proposed"):
        made(move, people, 0, Match.UNKNOWN, school=SchoolFactory())
    with pytest.raises(ValidationError):
        made(move, people, 0, Match.UNKNOWN, words="  ")
    with pytest.raises(ValidationError):
        plan(move=move, school=people.other_school, plans={}, by=people.ala)
    SchoolMove.objects.filter(pk=move.pk).update(state=MoveState.WITHDRAWN)
    with pytest.raises(Refused, match="decided or closed"):
        made(move, people, 0, Match.UNKNOWN)


def test_another_childs_course_cannot_be_planned(people, move):
    other = ChildCourseFactory(child=people.bob)
    with pytest.raises(Conflict):
        made(move, people, other.pk)
    assert CoursePlan.objects.count() == 0


def test_it_costs_the_same_however_many_courses_and_schools(people, move):
    counts = []
    for number in (1, 6):
        for _ in range(number):
            subject = f"Subject {ChildCourseFactory._meta.model.objects.count()}"
            ChildCourseFactory(child=people.amy, subject=subject)
            SchoolCourseFactory(school=people.other_school, subject=subject)
        with CaptureQueriesContext(connection) as asked:
            waiting(move, [people.other_school, people.school][:number])
        counts.append(len(asked))
    assert counts[0] == counts[1]


class TestPage:
    def where(self, move, school):
        return reverse("courses:match", args=[move.uuid, school.uuid])

    def test_it_compares_and_takes_a_plan(self, client, people, move):
        course = ChildCourseFactory(child=people.amy)
        SchoolCourseFactory(school=people.other_school)
        client.force_login(people.socialworker)
        where = self.where(move, people.other_school)
        shown = client.get(where).content.decode()
        assert [words in shown for words in ("Different board: set texts differ", "1 line waits for a plan.")] == [
            True
        ] * 2
        empty = client.post(where, {}).content.decode()
        assert ("Say for at least one course" in empty, CoursePlan.objects.count()) == (True, 0)
        sent = {
            f"keep_{course.pk}": "centre",
            f"words_{course.pk}": "Sits it in May",
            f"seen_{course.pk}": "other_board",
        }
        half = client.post(where, {**sent, f"words_{course.pk}": ""}).content.decode()
        assert "Say what the plan for English Literature is" in half
        saved = client.post(where, sent, follow=True).content.decode()
        assert ("Every line has a match or a plan." in saved, "Sits it in May" in saved) == (True, True)
        assert client.post(where, {**sent, f"seen_{course.pk}": "not_offered"}).status_code == 409

    def test_readers_only_read_and_strangers_find_nothing(self, client, people, move):
        where = self.where(move, people.other_school)
        client.force_login(people.iro)
        assert (client.get(where).status_code, client.post(where, {}).status_code) == (200, 403)
        for user in (people.outsiders["socialworker"], people.teacher, people.sen, people.admissions):
            client.force_login(user)
            assert client.get(where).status_code == 404

    def test_a_school_that_is_not_proposed_is_compared_and_not_planned(self, client, people, move):
        client.force_login(people.ala)
        where = self.where(move, people.school)
        assert "This school is not proposed in this case" in client.get(where).content.decode()
        assert client.post(where, {"keep_0": "other", "words_0": "Ask", "seen_0": "unknown"}).status_code == 403
