"""The day of the next care review: the law's last day, who records it, and that a double click or a stale page moves nothing."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from children import reviews
from children.actions.reviews import record_review
from children.models import CareReview
from tests import personas
from tests.factories.children import CareReviewFactory, ChildFactory, PeriodOfCareFactory
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import calendars, rules

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people():
    return personas.cast()


def latest(child, on=None):
    on = on or today()
    held = reviews.held([child.pk], on)[child.pk]
    return reviews.at_the_latest(held, calendars.load(), rules.pack(on, reviews.PREFIX))


class TestByLaw:
    @pytest.fixture
    def child(self):
        child = ChildFactory()
        PeriodOfCareFactory(child=child, start=date(2026, 8, 20))
        return child

    def test_the_first_twenty_working_days_after_care_began_without_the_bank_holiday(self, child):
        reckoned = latest(child)
        assert (reckoned.rule.key, reckoned.due_on) == ("review.first", date(2026, 9, 18))
        assert "regulation 33(1)" in reckoned.rule.source

    def test_the_second_within_three_months_and_each_later_within_six(self, child):
        CareReviewFactory(child=child, on=date(2026, 9, 10))
        assert (latest(child).rule.key, latest(child).due_on) == ("review.second", date(2026, 12, 10))
        CareReviewFactory(child=child, on=date(2026, 11, 9))
        assert (latest(child).rule.key, latest(child).due_on) == ("review.later", date(2027, 5, 9))

    def test_one_of_today_is_not_over_and_one_of_an_earlier_time_in_care_is_no_start(self, child):
        CareReviewFactory(child=child, on=today())
        CareReviewFactory(child=child, on=date(2026, 8, 19))
        assert latest(child).rule.key == "review.first"

    def test_nobody_out_of_care_is_waited_for(self):
        child = ChildFactory()
        PeriodOfCareFactory(child=child, start=today() - 90 * DAY, end=today())
        assert reviews.held([child.pk], today()) == {}


class TestRecording:
    @pytest.mark.parametrize("role", ["iro", "socialworker", "manager", "coordinator", "data", "vsh"])
    def test_by_those_who_know(self, people, role):
        review = record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=people[role])
        assert (review.child, review.on, review.participation) == (people.amy, today() + 9 * DAY, "")
        assert AuditEvent.objects.filter(verb="review.planned", by=str(people[role].pk)).count() == 1

    @pytest.mark.parametrize("role", ["ala", "support", "teacher", "sen", "admissions", "dpo"])
    def test_and_by_nobody_else(self, people, role):
        with pytest.raises(Refused):
            record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=people[role])

    def test_another_reviewing_officer_and_yesterdays_are_refused(self, people):
        people.amy.relationships.filter(kind="iro").update(end=today())
        for user in (people.iro, people.outsiders["iro"]):
            with pytest.raises(Refused, match="You do not work with this child now"):
                record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=user)

    def test_the_same_day_twice_is_one_review(self, people):
        first, second = (
            record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=people.iro) for _ in range(2)
        )
        assert (first, CareReview.objects.count()) == (second, 1)

    def test_another_day_moves_the_one_that_was_planned(self, people):
        first = record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=people.iro)
        moved = record_review(child=people.amy, on=today() + 5 * DAY, seen=first.on, by=people.iro)
        assert (moved, CareReview.objects.get().on) == (first, today() + 5 * DAY)

    def test_a_page_drawn_before_another_day_was_recorded_moves_nothing(self, people):
        record_review(child=people.amy, on=today() + 9 * DAY, seen=None, by=people.iro)
        with pytest.raises(Conflict, match="Another day was recorded"):
            record_review(child=people.amy, on=today() + 20 * DAY, seen=None, by=people.socialworker)

    @pytest.mark.parametrize("days", [-1, 367])
    def test_not_a_day_gone_by_nor_one_far_away(self, people, days):
        with pytest.raises(ValidationError, match="today or within a year"):
            record_review(child=people.amy, on=today() + days * DAY, seen=None, by=people.iro)


class TestPage:
    def sent(self, on, seen=""):
        return {"on-day": on.day, "on-month": on.month, "on-year": on.year, "seen": seen}

    def test_it_says_the_last_day_by_law_and_how_it_was_worked_out(self, client, people):
        client.force_login(people.iro)
        words = client.get(reverse("children:review", args=[people.amy.uuid])).content.decode()
        assert "By law at the latest" in words
        assert "regulation 33(1)" in words

    def test_recorded_it_leads_back_to_the_child(self, client, people):
        client.force_login(people.socialworker)
        answer = client.post(
            reverse("children:review", args=[people.amy.uuid]), self.sent(today() + 9 * DAY), follow=True
        )
        assert answer.redirect_chain == [(people.amy.get_absolute_url(), 302)]
        assert "The day of the review is recorded." in answer.content.decode()

    @pytest.mark.parametrize("day", ["31", "٣x", ""])
    def test_what_is_no_day_is_said_in_the_form(self, client, people, day):
        client.force_login(people.iro)
        sent = {"on-day": day, "on-month": "2", "on-year": "2027", "seen": "nonsense"}
        answer = client.post(reverse("children:review", args=[people.amy.uuid]), sent)
        assert (answer.status_code, CareReview.objects.count()) == (200, 0)
        assert "There is a problem" in answer.content.decode()

    def test_stale_it_is_a_conflict(self, client, people):
        CareReviewFactory(child=people.amy, on=today() + 3 * DAY, participation="")
        client.force_login(people.iro)
        answer = client.post(reverse("children:review", args=[people.amy.uuid]), self.sent(today() + 9 * DAY))
        assert answer.status_code == 409
