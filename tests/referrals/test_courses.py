"""Courses of young people and of schools: who records them, several at once, and what is refused."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals.actions import courses as actions
from referrals.actions.courses import CourseFacts, TakenFacts, Told
from referrals.models import ChildCourse, SchoolCourse, WholeList
from tests import personas
from tests.factories.courses import ChildCourseFactory, SchoolCourseFactory
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
RECORD = {"vsh", "ala", "coordinator", "teacher"}
DAY = timedelta(days=1)
AQA = {"awarding_body": "aqa", "specification_code": "8702"}


@pytest.fixture
def people():
    return personas.cast()


def told():
    return Told("The exams officer", today())


def add(people, by=None, subject="Latin", **facts):
    return actions.add_for_child(
        child=people.amy, stage="ks4", courses=[TakenFacts(subject, **facts)], by=by or people.teacher, told_by=told()
    )


def change(course, by, seen=1, subject="Latin", **facts):
    return actions.change(course=course, seen=seen, facts=TakenFacts(subject, **facts), by=by, told_by=told())


class TestOfAChild:
    def test_by_whom(self, people):
        for role, user in people.people.items():
            if role in RECORD:
                assert len(add(people, user, f"Subject of {role}")) == 1, role
            else:
                with pytest.raises(Refused):
                    add(people, user, f"Subject of {role}")
        with pytest.raises(Refused):
            add(people, people.outsiders["teacher"])

    def test_twice_is_once_and_anything_else_is_said(self, people):
        [made] = add(people, **AQA)
        assert add(people, subject="LATIN", awarding_body="aqa", specification_code="87 02") == []
        with pytest.raises(ValidationError, match="Latin is recorded already and says something else"):
            add(people, **AQA, tier="higher")
        assert list(ChildCourse.objects.all()) == [made]
        assert AuditEvent.objects.filter(verb="course.added").count() == 1

    @pytest.mark.parametrize(
        ("courses", "by", "days"),
        [
            ([], "The exams officer", 0),
            ([TakenFacts("!!!")], "The exams officer", 0),
            ([TakenFacts("Latin", "nobody")], "The exams officer", 0),
            ([TakenFacts("Latin")], "  ", 0),
            ([TakenFacts("Latin")], "The exams officer", 1),
            ([TakenFacts(f"Subject {n}") for n in range(31)], "The exams officer", 0),
        ],
    )
    def test_what_does_not_fit(self, people, courses, by, days):
        source = Told(by, today() + days * DAY)
        with pytest.raises(ValidationError):
            actions.add_for_child(child=people.amy, stage="ks4", courses=courses, by=people.ala, told_by=source)
        assert ChildCourse.objects.count() == 0

    def test_a_change_of_a_page_that_is_out_of_date_is_refused_and_a_double_click_is_one(self, people):
        [course] = add(people, **AQA)
        changed = change(course, people.teacher, tier="higher")
        assert (changed.version, changed.tier) == (2, "higher")
        assert change(course, people.teacher, tier="higher").version == 2
        with pytest.raises(Conflict):
            change(course, people.ala, tier="foundation")
        assert change(course, people.ala, seen=2, tier="foundation").version == 3

    def test_a_subject_that_stands_beside_it_is_refused(self, people):
        [course] = add(people)
        add(people, subject="Music")
        with pytest.raises(ValidationError, match="recorded already"):
            change(course, people.teacher, subject="music")

    def test_one_that_ended_stays_and_may_be_taken_again(self, people):
        [course] = add(people)
        with pytest.raises(ValidationError):
            actions.end(course=course, on=today() + DAY, by=people.teacher)
        actions.end(course=course, on=today(), by=people.teacher)
        actions.end(course=course, on=today(), by=people.teacher)
        with pytest.raises(Conflict):
            actions.end(course=course, on=today() - DAY, by=people.teacher)
        with pytest.raises(Conflict):
            change(course, people.teacher, seen=2)
        assert len(add(people)) == 1
        assert ChildCourse.objects.taken().count() == 1


class TestOfASchool:
    def add(self, people, by, subject="Latin", **facts):
        return actions.add_for_school(
            school=people.school, stage="ks4", courses=[CourseFacts(subject, **facts)], by=by, told_by=told()
        )

    def test_by_whom(self, people):
        for role, user in people.people.items():
            if role in RECORD | {"data"}:
                assert len(self.add(people, user, f"Subject of {role}")) == 1, role
            else:
                with pytest.raises(Refused):
                    self.add(people, user, f"Subject of {role}")
        with pytest.raises(Refused):
            self.add(people, people.outsiders["teacher"])

    def test_several_boards_of_a_subject_and_each_once(self, people):
        assert len(self.add(people, people.data, awarding_body="aqa")) == 1
        assert len(self.add(people, people.data, awarding_body="ocr")) == 1
        assert self.add(people, people.data, awarding_body="ocr") == []

    def test_a_whole_list_needs_something_on_it_and_the_last_word_counts(self, people):
        say = {"school": people.school, "stage": "ks4", "by": people.teacher}
        with pytest.raises(ValidationError):
            actions.say_whole(whole=True, told_by=told(), **say)
        self.add(people, people.teacher)
        first = actions.say_whole(whole=True, told_by=told(), **say)
        assert actions.say_whole(whole=True, told_by=told(), **say) == first
        actions.say_whole(whole=False, told_by=told(), **say)
        assert list(WholeList.objects.values_list("whole", flat=True)) == [True, False]
        with pytest.raises(Refused):
            actions.say_whole(whole=True, told_by=told(), **{**say, "by": people.outsiders["teacher"]})

    def test_change_and_end(self, people):
        [course] = self.add(people, people.data)
        facts = CourseFacts("Latin", "ocr", "J282")
        actions.change_at_school(course=course, seen=1, facts=facts, by=people.teacher, told_by=told())
        with pytest.raises(Conflict):
            actions.change_at_school(course=course, seen=1, facts=CourseFacts("Greek"), by=people.ala, told_by=told())
        with pytest.raises(Refused):
            actions.end_at_school(course=course, on=today(), by=people.outsiders["teacher"])
        actions.end_at_school(course=course, on=today(), by=people.ala)
        assert (SchoolCourse.objects.taught().count(), SchoolCourse.objects.count()) == (0, 1)


class TestPages:
    def rows(self, *subjects, **more):
        sent = {"stage": "ks4", "courses-rows": str(len(subjects)), "told_by": "The exams officer"}
        sent |= {"told_on-day": "1", "told_on-month": "10", "told_on-year": "2026"}
        for place, subject in enumerate(subjects):
            sent |= {f"courses-{place}-subject": subject, f"courses-{place}-awarding_body": "aqa"}
        return {**sent, **more}

    def test_several_at_once_and_one_more_row_saves_nothing(self, client, people):
        client.force_login(people.teacher)
        where = reverse("courses:add", args=[people.amy.uuid])
        grown = client.post(where, self.rows("Latin", **{"courses-more": "1"})).content.decode()
        assert ("courses-1-subject" in grown, "There is a problem" in grown, ChildCourse.objects.count()) == (
            True,
            False,
            0,
        )
        answer = client.post(where, self.rows("Latin", "Music"), follow=True)
        assert "2 courses are recorded." in answer.content.decode()
        assert (
            "All of these were recorded already."
            in client.post(where, self.rows("Latin"), follow=True).content.decode()
        )

    @pytest.mark.parametrize("odd", ["x" * 100_000, "<b>bold</b>", "\N{RIGHT-TO-LEFT OVERRIDE}Latin"])
    def test_odd_bytes(self, client, people, odd):
        client.force_login(people.teacher)
        where = reverse("courses:add", args=[people.amy.uuid])
        answer = client.post(where, self.rows(odd))
        assert answer.status_code in (200, 302)
        assert "<b>bold</b>" not in client.get(reverse("courses:child", args=[people.amy.uuid])).content.decode()

    def test_a_subject_whose_letters_stand_for_many_is_said(self, client, people):
        many = "\ufdfa" * 60  # one letter, eighteen when it is written out
        client.force_login(people.coordinator)
        for name, of in (("courses:add", people.amy), ("courses:school_add", people.school)):
            shown = client.post(reverse(name, args=[of.uuid]), self.rows(many))
            assert "fewer and plainer letters" in shown.content.decode(), name
        assert (ChildCourse.objects.count(), SchoolCourse.objects.count()) == (0, 0)

    def test_a_row_without_a_subject_is_said(self, client, people):
        client.force_login(people.teacher)
        said = client.post(reverse("courses:add", args=[people.amy.uuid]), self.rows("", "Music")).content.decode()
        assert ("Give each course a subject" in said, ChildCourse.objects.count()) == (True, 0)

    def test_a_child_and_a_school_are_the_readers_own(self, client, people):
        course, taught = ChildCourseFactory(child=people.amy), SchoolCourseFactory(school=people.school)
        client.force_login(people.outsiders["teacher"])
        for name, record in (
            ("child", people.amy),
            ("add", people.amy),
            ("change", course),
            ("end", course),
            ("school", people.school),
            ("school_change", taught),
        ):
            assert client.get(reverse(f"courses:{name}", args=[record.uuid])).status_code == 404, name

    def test_the_page_costs_the_same_however_many(self, client, people):
        client.force_login(people.teacher)
        counts = []
        for subject in ("Latin", "Music", "Art"):
            ChildCourseFactory(child=people.amy, subject=subject)
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("courses:child", args=[people.amy.uuid]))
            counts.append(len(asked))
        assert counts[1] == counts[2]
