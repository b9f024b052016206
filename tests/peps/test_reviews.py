"""The review diary: whose reviews, how the PEP stands to each, its files, and what the night finds."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert, Child
from peps import reviews
from peps.enums import PepState
from peps.reviews import Diary, Readiness
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import CareReviewFactory, ChildFactory, born_for_year
from tests.factories.peps import PepFactory, PepMeetingFactory, PepSectionFactory
from tests.searching import search
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import now, today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
READERS = {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro"}


@pytest.fixture
def people():
    return personas.cast()


def review_in(child, days, **fields):
    return CareReviewFactory(child=child, on=today() + days * DAY, **{"participation": "", **fields})


def pep_of(child, **fields):
    return PepFactory(child=child, period=child.periods_of_care.get(), **fields)


def complete(child, days_ago, **fields):
    return pep_of(child, complete=True, completed_on=today() - days_ago * DAY, **fields)


def open_pep(child, **fields):
    return pep_of(child, occasion="term:2026:spring", **{"state": PepState.PREPARING, **fields})


def standing(review, on=None):
    by = reviews.terms(on or today())
    facts = reviews.facts_of([review.child_id], on)[review.child_id]
    return reviews.standing(review.on, review.child.date_of_birth, facts, by)


def opened(client, user, name="reviews", **asked):
    client.force_login(user)
    return client.get(reverse(f"peps:{name}"), asked)


class TestStanding:
    @pytest.mark.parametrize(
        ("review", "done", "expected"),
        [
            (10, 30, Readiness.READY),
            (2, 0, Readiness.READY_LATE),
            (10, None, Readiness.SOON),
            (11, None, Readiness.WAITING),
            (3, None, Readiness.SOON),
            (2, None, Readiness.OVERDUE),
            (-1, None, Readiness.MISSED),
            (2, 200, Readiness.OVERDUE),
        ],
    )
    def test_by_the_day_three_days_before_and_the_age_of_the_last_pep(self, people, review, done, expected):
        if done is not None:
            complete(people.amy, done)
        assert standing(review_in(people.amy, review)).readiness is expected

    def test_the_last_day_is_worked_out_backwards_by_the_rule(self, people):
        due = standing(review_in(people.amy, 10)).due
        assert (due.due_on, due.backwards, due.rule.key) == (today() + 7 * DAY, True, "pep.iro_ready")

    def test_what_is_missing_is_said(self, people):
        complete(people.amy, 200)
        pep = open_pep(people.amy)
        PepSectionFactory(pep=pep, key="education_now", position=1)
        PepSectionFactory(pep=pep, key="attainment", position=2, state="complete")
        assert standing(review_in(people.amy, 2)).missing == (
            "the last complete PEP is of 24 April 2026, more than 4 months before the review",
            "the PEP meeting is not held",
            "1 section is not finished",
        )
        assert standing(review_in(people.bob, 2)).missing == ("no PEP has been completed", "no PEP is open")

    def test_no_pep_is_asked_for_before_its_age(self):
        child = ChildFactory(in_care=True, date_of_birth=today() - 400 * DAY)
        assert standing(review_in(child, 2)).readiness is Readiness.NOT_ASKED

    def test_a_cancelled_pep_is_none_and_a_superseded_one_is_one(self, people):
        pep_of(people.amy, cancelled=True)
        review = review_in(people.amy, 10)
        assert standing(review).readiness is Readiness.SOON
        complete(people.amy, 30, state=PepState.SUPERSEDED)
        assert standing(review).readiness is Readiness.READY


class TestWhose:
    def test_a_reviewing_officer_sees_the_children_of_today(self, people):
        mine, others = review_in(people.amy, 5), review_in(people.bob, 5)
        assert list(Diary(people.iro).reviews()) == [mine]
        assert list(Diary(people.outsiders["iro"]).reviews()) == [others]
        people.amy.relationships.filter(kind="iro").update(end=today())
        assert list(Diary(people.iro).reviews()) == []

    def test_whoever_works_with_the_roll_sees_all_of_it(self, people):
        review_in(people.amy, 5)
        review_in(people.bob, 5)
        assert {role: Diary(people[role]).reviews().count() for role in personas.NAMES} == {
            **dict.fromkeys(("vsh", "ala", "coordinator"), 2),
            **dict.fromkeys(("support", "socialworker", "manager", "iro"), 1),
            **dict.fromkeys(("teacher", "sen", "admissions", "data", "dpo"), 0),
        }

    def test_pages_open_to_their_readers(self, client, people):
        for name in ("reviews", "reviews_unplanned", "reviews_calendar"):
            assert {role for role in personas.NAMES if opened(client, people[role], name).status_code == 200} == READERS
        takers = {role for role in personas.NAMES if opened(client, people[role], "reviews_file").status_code == 200}
        assert takers == {"vsh", "ala", "coordinator", "support", "iro"}

    def test_those_two_weeks_past_are_there_and_older_ones_not(self, people):
        past = review_in(people.amy, -14)
        review_in(people.amy, -15)
        assert list(Diary(people.iro).reviews()) == [past]


class TestPage:
    def test_a_row_says_when_how_the_pep_stands_and_the_next_meeting(self, client, people):
        review_in(people.amy, 2)
        pep = open_pep(people.amy)
        complete(people.amy, 200)
        PepMeetingFactory(pep=pep, starts_at=now() + 6 * DAY)
        words = opened(client, people.iro).content.decode()
        expected = ("12 November 2026", "Not ready, overdue", "Due 9 November 2026", "Preparing", "24 April 2026")
        assert [one for one in (*expected, "16 November 2026", "IRO Handbook") if one not in words] == []
        log = AccessLog.objects.latest("pk")
        assert (log.kind, log.child_ids) == ("list", [people.amy.pk])

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({}, 4),
            ({"when": "past"}, 1),
            ({"when": "14"}, 2),
            ({"when": "coming"}, 3),
            ({"pep": "ready"}, 1),
            ({"pep": "missing"}, 3),
            ({"when": "nonsense"}, 0),
        ],
    )
    def test_the_filter_cuts_and_what_it_does_not_understand_shows_nobody(self, client, people, asked, found):
        complete(people.amy, 100)
        for child, days in ((people.amy, 10), (people.bob, 3), (people.bob, 60), (people.bob, -2)):
            review_in(child, days)
        assert opened(client, people.vsh, **asked).context["pages"].total == found

    def test_the_filter_and_the_page_mean_the_same_by_ready(self, client, people):
        for days in (118, 119, 120, 121, 122, 123, 124):
            complete(people.amy, days, occasion=f"term:{days}")
            review = review_in(people.amy, 1)
            is_ready = standing(review).readiness in (Readiness.READY, Readiness.READY_LATE)
            assert reviews.ready(Diary(people.iro).reviews(), reviews.terms(today())).exists() is is_ready
            people.amy.peps.all().delete()
            review.delete()

    def test_a_name_is_searched_without_writing_it_in_the_address(self, client, people):
        review_in(people.amy, 2)
        review_in(people.bob, 2)
        client.force_login(people.vsh)
        answer = search(client, reverse("peps:reviews"), "Amy")
        assert answer.context["pages"].total == 1

    def test_one_children_without_a_next_review_with_the_laws_last_day(self, client, people):
        review_in(people.amy, 2)
        review_in(people.bob, -100, participation="PN1")
        people.bob.periods_of_care.update(start=today() - 110 * DAY)
        answer = opened(client, people.coordinator, "reviews_unplanned")
        words = answer.content.decode()
        assert [child.pk for child in answer.context["pages"].rows] == [people.bob.pk]
        # three months after 2 August, the second review
        assert "2 November 2026" in words
        assert "Overdue: law" in words
        assert reverse("children:review", args=[people.bob.uuid]) in words

    @pytest.mark.parametrize("name", ["reviews", "reviews_unplanned", "reviews_file", "reviews_calendar"])
    def test_the_same_questions_for_one_child_and_for_fifty(self, client, name, django_assert_max_num_queries):
        iro = UserFactory(role="iro")
        counts = []
        for number in (1, 49):
            for place in range(number):
                child = ChildFactory(in_care=True, iro=iro, date_of_birth=born_for_year(5))
                if name != "reviews_unplanned":
                    review_in(child, 2 + place % 9)
                open_pep(child)
                complete(child, 30)
            client.force_login(iro)
            client.get(reverse(f"peps:{name}"))
            with django_assert_max_num_queries(60) as asked:
                client.get(reverse(f"peps:{name}"))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestFiles:
    def test_the_list_as_csv_holds_the_readers_own_and_is_logged_as_exported(self, client, people):
        review_in(people.amy, 2)
        review_in(people.bob, 2)
        answer = opened(client, people.iro, "reviews_file")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [(row["Child"], row["PEP for the review"]) for row in rows] == [(people.amy.name, "Not ready, overdue")]
        log = AccessLog.objects.latest("pk")
        assert (log.kind, log.child_ids) == ("export", [people.amy.pk])

    def test_the_calendar_names_no_child(self, client, people):
        review = review_in(people.amy, 2)
        answer = opened(client, people.iro, "reviews_calendar")
        (event,) = Calendar.from_ical(answer.content).events
        assert (str(event["SUMMARY"]), event.start, str(event["UID"])) == (
            "Care review",
            review.on,
            f"{review.uuid}@virtual-school",
        )
        text = answer.content.decode()
        assert [word for word in ("Amy", "Madeup", people.amy.child_id) if word in text] == []


class TestTheNight:
    NAME = "pep.not_ready_for_review"

    def find(self, on):
        return list(CHECKS[self.NAME].find(on=on, children=Child.objects.on_roll(on)))

    def counts(self, on):
        return engine.run_check(CHECKS[self.NAME], on).as_dict()

    def test_from_the_day_after_the_last_day_until_the_review(self, people):
        review = review_in(people.amy, 10)
        pep = open_pep(people.amy)
        nights = [days for days in range(14) if self.find(today() + days * DAY)]
        assert nights == [8, 9, 10]
        (finding,) = self.find(today() + 8 * DAY)
        assert (finding.child_id, finding.natural_key) == (people.amy.pk, f"review:{review.pk}")
        assert finding.evidence["sentence"] == "The reviewing officer was to have a PEP by 17 November 2026"
        assert [one["href"] for one in finding.evidence["facts"]] == [
            pep.get_absolute_url(),
            reverse("rulebook:detail", args=["pep.iro_ready"]),
        ]

    def test_it_resolves_when_the_pep_is_complete(self, people):
        review_in(people.amy, 2)
        assert self.counts(today()) == {"opened": 1, "updated": 0, "unchanged": 0, "resolved": 0}
        assert self.counts(today())["unchanged"] == 1
        complete(people.amy, 0)
        assert self.counts(today())["resolved"] == 1

    def test_it_resolves_when_the_review_is_put_off(self, people):
        review = review_in(people.amy, 2)
        self.counts(today())
        review.on = today() + 30 * DAY
        review.save()
        assert self.counts(today())["resolved"] == 1

    def test_the_advocate_and_the_coordinator_see_it_and_business_support_does_not(self, people):
        review_in(people.amy, 2)
        self.counts(today())
        seen = {role: Alert.objects.visible_to(people[role]).count() for role in ("ala", "coordinator", "iro", "data")}
        assert seen == {"ala": 1, "coordinator": 1, "iro": 1, "data": 0}

    def test_neither_too_young_nor_on_short_breaks(self, people):
        review_in(ChildFactory(in_care=True, date_of_birth=today() - 400 * DAY), 2)
        people.amy.periods_of_care.update(short_breaks=True)
        review_in(people.amy, 2)
        assert self.find(today()) == []
