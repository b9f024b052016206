"""Reduced timetables: recorded by the rules, agreed by all, reviewed, over; who sees and does what; what the night finds."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance import circumstances, pepfacts, timeline, weekgrid
from attendance.actions import timetables as actions
from attendance.actions.timetables import ReviewFacts, TimetableFacts
from attendance.enums import Party
from attendance.models import ReducedTimetable, TimetableAgreement
from attendance.models.timetables import Step
from children.actions import care, schools
from children.checks.registry import CHECKS
from children.checks.signals import SIGNALS
from children.enums import ClockState
from children.hours import full_time
from children.hours import load as load_hours
from children.models import Child
from peps.models import PepSection
from peps.record import STARTS, Record
from tests import personas
from tests.factories.attendance import ReducedTimetableFactory, TimetableAgreementFactory, mark, weekdays
from tests.factories.children import EnrolmentFactory
from tests.factories.peps import PepFactory
from tests.factories.rulebook import set_rule
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.overview.homes import arrangements as panels

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MORNINGS = "10" * 5
READERS = {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher", "data"}
KEEPERS = {"vsh", "ala", "coordinator", "support", "teacher"}
FULL = Decimal("23.5")  # Year 5, by the rule


@pytest.fixture
def people():
    return personas.cast()


def facts(**changes):
    end = changes.get("end", today() + 4 * WEEK)
    given = {
        "start": today(),
        "end": end,
        "hours": Decimal("15"),
        "pattern": MORNINGS,
        "reason": "long_absence",
        "why": "Every morning until she is used to it",
        "review_on": today() + WEEK,
        "steps": [Step(today() + 2 * WEEK, Decimal("20")), Step(end, FULL)],
    }
    return TimetableFacts(**given | changes)


def recorded(people, agreed=None, **changes):
    place = people.amy.enrolments.get()
    key = changes.pop("key", None) or uuid4()
    by = changes.pop("by", people.teacher)
    return actions.record_timetable(enrolment=place, facts=facts(**changes), agreed=agreed or {}, by=by, key=key)


def says(timetable, by, party, agrees=True, words="", on=None):
    return actions.answer(
        timetable=timetable,
        round_seen=timetable.round,
        party=party,
        agrees=agrees,
        on=on or today(),
        words=words,
        by=by,
    )


def agreed_by_all(people, timetable):
    for by, party in (
        (people.teacher, "school"),
        (people.teacher, "carer"),
        (people.socialworker, "social_worker"),
        (people.ala, "virtual_school"),
    ):
        says(timetable, by, party)


def reviewed(timetable, by, **changes):
    given = {
        "outcome": "more_hours",
        "words": "It goes well",
        "review_on": today() + WEEK,
        "hours": Decimal("18"),
        "pattern": MORNINGS,
    }
    return actions.review(timetable=timetable, round_seen=timetable.round, facts=ReviewFacts(**given | changes), by=by)


def found(name, on=None):
    return [
        one.natural_key
        for one in CHECKS[f"attendance.timetable.{name}"].find(on=on or today(), children=Child.objects.all())
    ]


# ---------------------------------------------------------------- the week


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (weekgrid.NOBODY, "no half day"),
        (weekgrid.WHOLE, "Monday, Tuesday, Wednesday, Thursday, Friday"),
        ("1100000001", "Monday, Friday afternoon"),
    ],
)
def test_a_week_is_said_and_survives_its_form(pattern, words):
    assert weekgrid.words(pattern) == words
    assert weekgrid.from_rows(weekgrid.to_rows(pattern)) == pattern


@pytest.mark.parametrize(
    ("year", "hours"), [(-1, "25"), (0, "21"), (2, "21"), (3, "23.5"), (10, "24"), (11, "25"), (13, "25")]
)
def test_full_time_is_by_the_year_group_and_the_rule_of_the_day(year, hours):
    set_rule("attendance.full_time_hours.by_year", {"0": 22}, from_=date(2027, 1, 1))
    book = load_hours()
    assert full_time(year, today(), book) == full_time(year, today()) == Decimal(hours)
    assert full_time(0, date(2027, 1, 1), book) == 22


# ---------------------------------------------------------------- recording


def test_it_is_recorded_with_full_time_by_the_year_group_a_clock_and_those_asked(people):
    one = recorded(people, agreed={Party.SCHOOL: today(), Party.CARER: today() - DAY})
    assert (one.full_time_hours, one.hours_words) == (FULL, "15 of 23.5 hours a week")
    assert (one.clock.due_on, one.clock.field_group) == (today() + 2 * WEEK, "attendance")
    assert [(said.party, said.on) for said in one.agreements.all()] == [("school", today()), ("carer", today() - DAY)]
    told = Message.objects.filter(kind="timetable.agree").order_by("to__name")
    assert [message.to for message in told] == [people.ala, people.socialworker]


def test_a_double_click_is_one_and_a_strangers_key_another(people):
    key = uuid4()
    assert recorded(people, key=key) == recorded(people, key=key)
    theirs = ReducedTimetableFactory()
    with pytest.raises(Conflict):
        recorded(people, key=theirs.uuid)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hours": FULL}, "hours"),
        ({"end": date(2026, 11, 10)}, "end"),
        ({"end": date(2026, 12, 23)}, "end"),  # a day more than six weeks
        ({"review_on": date(2026, 11, 25)}, "review_on"),  # a day more than two weeks
        ({"review_on": date(2026, 11, 9)}, "review_on"),
        ({"pattern": weekgrid.NOBODY}, "pattern"),
        ({"pattern": "11"}, "pattern"),
        ({"steps": []}, "steps"),
        ({"steps": [Step(date(2026, 12, 1), Decimal("20"))]}, "steps"),
        ({"steps": [Step(date(2026, 12, 1), Decimal("10")), Step(date(2026, 12, 8), FULL)]}, "steps"),
        ({"steps": [Step(date(2026, 12, 9), FULL)]}, "steps"),
        ({"start": date(2020, 1, 1)}, "start"),
    ],
)
def test_what_the_rules_do_not_allow_is_refused_at_its_field(people, changes, field):
    with pytest.raises(ValidationError) as wrong:
        recorded(people, **changes)
    assert list(wrong.value.message_dict) == [field]


def test_no_two_at_once_at_one_school_neither_here_nor_in_the_database(people):
    one = recorded(people)
    with pytest.raises(ValidationError, match="in that time already"):
        recorded(people, start=today() + WEEK, review_on=today() + 2 * WEEK)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReducedTimetableFactory(enrolment=one.enrolment)
    with pytest.raises(DatabaseError), transaction.atomic():
        ReducedTimetable.objects.filter(pk=one.pk).update(hours=30)


@pytest.mark.parametrize("role", sorted(personas.NAMES))
def test_who_records_one(people, role):
    if role in KEEPERS:
        assert recorded(people, by=people[role]).running
    else:
        with pytest.raises(Refused):
            recorded(people, by=people[role])
    with pytest.raises(Refused):
        recorded(people, by=people.outsiders["teacher"])


def test_a_teacher_whose_pupil_left_yesterday_reaches_nothing_of_it(people, client):
    one = recorded(people)
    people.amy.enrolments.update(end=today())
    client.force_login(people.teacher)
    assert client.get(one.get_absolute_url()).status_code == 404
    with pytest.raises(Refused):
        says(one, people.teacher, "school")


# ---------------------------------------------------------------- agreement


def test_without_the_social_worker_and_the_virtual_school_it_is_not_agreed(people, client):
    one = recorded(people, agreed={Party.SCHOOL: today(), Party.CARER: today()})
    client.force_login(people.iro)
    page = client.get(one.get_absolute_url())
    assert page.context["tag"]["text"] == "Not agreed"
    assert page.context["notices"][0].startswith("Not agreed: the word of social worker, Virtual School is missing.")
    agreed_by_all(people, one)
    assert client.get(one.get_absolute_url()).context["tag"]["text"] == "Agreed"
    says(one, people.socialworker, "social_worker", agrees=False, words="Her therapist sees it otherwise")
    assert client.get(one.get_absolute_url()).context["tag"]["text"] == "Not agreed"


@pytest.mark.parametrize(
    ("role", "party"),
    [("teacher", "social_worker"), ("teacher", "virtual_school"), ("coordinator", "virtual_school"), ("ala", "social_worker"),
     ("socialworker", "virtual_school"), ("socialworker", "school"), ("iro", "school"), ("data", "carer")],
)  # fmt: skip
def test_nobody_answers_for_another(people, role, party):
    one = recorded(people)
    with pytest.raises(Refused):
        says(one, people[role], party)


def test_an_answer_once_no_day_to_come_no_refusal_without_words_and_never_changed(people):
    one = recorded(people)
    says(one, people.socialworker, "social_worker")
    says(one, people.socialworker, "social_worker")
    assert one.agreements.count() == 1
    for changes in ({"on": today() + DAY}, {"agrees": False, "words": " "}):
        with pytest.raises(ValidationError):
            says(one, people.socialworker, "social_worker", **changes)
    with pytest.raises(DatabaseError), transaction.atomic():
        TimetableAgreement.objects.update(agrees=False)


# ---------------------------------------------------------------- reviews and the end


def test_more_hours_keep_the_agreement_and_start_another_clock(people):
    one = recorded(people)
    agreed_by_all(people, one)
    first = one.clock
    one = reviewed(one, people.teacher)
    first.refresh_from_db()
    assert (one.hours, one.round, first.state) == (18, 1, ClockState.MET)
    assert one.clock != first
    assert [(row.outcome, row.hours_were, row.hours) for row in one.reviews.all()] == [("more_hours", 15, 18)]


def test_going_on_needs_a_new_reason_a_later_end_and_a_new_agreement(people):
    one = recorded(people)
    agreed_by_all(people, one)
    later = one.end + WEEK
    with pytest.raises(ValidationError):
        reviewed(one, people.teacher, outcome="extended", end=one.end, steps=[Step(one.end, FULL)])
    with pytest.raises(ValidationError):
        reviewed(one, people.teacher, outcome="extended", end=later, steps=[Step(later, FULL)], words=" ")
    seen, one = one, reviewed(one, people.teacher, outcome="extended", end=later, steps=[Step(later, FULL)])
    assert (one.end, one.round) == (later, 2)
    assert found("not_agreed") == [f"timetable:{one.pk}:2"]
    with pytest.raises(Conflict, match="Read it again"):
        says(seen, people.socialworker, "social_worker")
    assert Message.objects.filter(kind="timetable.agree", to=people.socialworker).count() == 2


@pytest.mark.parametrize(
    "changes", [{"hours": Decimal("15")}, {"hours": FULL}, {"hours": None}, {"review_on": date(2027, 1, 1)}]
)
def test_a_review_that_does_not_fit(people, changes):
    with pytest.raises(ValidationError):
        reviewed(recorded(people), people.teacher, **changes)


def test_it_ends_once_up_to_today_with_words(people):
    one = recorded(people)
    for changes in ({"on": today() + DAY}, {"on": today() - DAY}, {"words": ""}):
        with pytest.raises(ValidationError):
            actions.end(timetable=one, by=people.teacher, **{"on": today(), "words": "Back full time"} | changes)
    actions.end(timetable=one, on=today(), words="Back full time", by=people.teacher)
    with pytest.raises(Conflict):
        actions.end(timetable=one, on=today(), words="Back full time", by=people.teacher)
    with pytest.raises(Conflict):
        says(one, people.socialworker, "social_worker")
    one.refresh_from_db()
    assert (one.state, one.end, one.clock.state) == ("ended", today(), ClockState.MET)
    assert recorded(people).running


def test_leaving_the_school_or_care_ends_it(people, django_capture_on_commit_callbacks):
    one, other = recorded(people), ReducedTimetableFactory(enrolment=people.bob.enrolments.get())
    with django_capture_on_commit_callbacks(execute=True):
        schools.end_enrolment(enrolment=one.enrolment, end=today(), reason="Moved", by=people.data)
        care.leave_care(child=people.bob, on=today(), reason="E4A", by=people.data)
    one.refresh_from_db(), other.refresh_from_db()
    assert [(row.state, row.end) for row in (one, other)] == [("ended", today())] * 2
    assert one.clock.state == ClockState.CANCELLED
    assert [row.reviews.get().words.split(" on ")[0] for row in (one, other)] == [
        "The child left the school",
        "The child left care",
    ]


# ---------------------------------------------------------------- the plan


def test_a_plan_being_written_gets_the_section_and_the_fact_and_so_does_one_that_opens(people):
    pep = PepFactory(child=people.amy, period=people.amy.periods_of_care.get(), school=people.school, phase="P")
    recorded(people)
    recorded_twice = PepSection.objects.filter(pep=pep, key="reduced_timetable")
    assert recorded_twice.count() == 1
    words = pepfacts.reduced_timetable(Record(pep))
    assert words[0].startswith("15 of 23.5 hours a week, 10 November 2026 to ")
    assert words[1] == "Agreed by: nobody yet"
    told = Record(pep)
    keys = (
        "reduced_hours",
        "reduced_from",
        "reduced_review",
        "reduced_agreed_by",
        "reduced_in_writing",
        "reduced_plan",
    )
    assert [STARTS[key](told) for key in keys] == [
        15,
        date(2026, 11, 10),
        date(2026, 11, 17),
        None,
        None,
        "20 hours a week from 24 November 2026; 23.5 hours a week from 8 December 2026",
    ]
    says(ReducedTimetable.objects.get(), people.ala, "virtual_school")
    told = Record(pep)
    agreed = STARTS["reduced_agreed_by"](told), STARTS["reduced_in_writing"](told)
    assert agreed == ("Virtual School, 10 November 2026", date(2026, 11, 10))
    from_records = circumstances.on_reduced_timetable([people.amy.pk, people.bob.pk], today())
    assert list(from_records) == [people.amy.pk]


# ---------------------------------------------------------------- the night


def test_late_not_agreed_and_unrecorded(people):
    one = ReducedTimetableFactory(enrolment=people.amy.enrolments.get())
    ended = ReducedTimetableFactory(ended=True)
    assert [found("late", one.review_on + n * DAY) for n in (0, 1)] == [[], [f"timetable:{one.pk}"]]
    ReducedTimetable.objects.filter(pk=one.pk).update(review_on=one.end + WEEK)
    assert [found("late", one.end + n * DAY) for n in (-1, 0)] == [[], [f"timetable:{one.pk}"]]
    assert found("not_agreed") == [f"timetable:{one.pk}:1"]
    for party in Party.values:
        TimetableAgreementFactory(timetable=one, party=party)
    assert [found("not_agreed"), found("not_agreed", today() - DAY)] == [[], [f"timetable:{one.pk}:1"]]
    set_rule("attendance.reduced_timetable.agreed_by", ["carer"])
    TimetableAgreementFactory(timetable=one, party="carer", agrees=False, words="No")
    assert found("not_agreed") == [f"timetable:{one.pk}:1"]
    assert [
        row.child_id for row in SIGNALS["reduced_timetable"].look(on=today(), children=Child.objects.all(), value={})
    ] == [one.child_id]
    assert not ended.running


def test_part_time_marks_from_two_on_days_without_a_timetable(people):
    amy, bob = people.amy, people.bob
    ReducedTimetableFactory(enrolment=bob.enrolments.get())
    mark(bob, today() - DAY, "C2", "C2")
    mark(amy, today() - DAY, "/", "C2")
    assert found("unrecorded") == []
    mark(amy, today(), "/", "C2")
    assert found("unrecorded") == [f"{amy.pk}:c2"]
    assert found("unrecorded", today() + 4 * WEEK) == []


def test_the_night_asks_as_much_for_many_as_for_one(people):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for name in ("late", "not_agreed", "unrecorded"):
                found(name)
        return len(queries)

    one = asked()
    for _ in range(4):
        made = ReducedTimetableFactory(review_on=today() - DAY)
        mark(made.child, weekdays(today() - 20 * DAY, today() - 10 * DAY), "C2", "C2")
    assert asked() == one


# ---------------------------------------------------------------- pages


def sent(**changes):
    """The form as a browser sends it."""
    end, review = today() + 4 * WEEK, today() + WEEK
    days = {"start": today(), "end": end, "review_on": review, "steps-0-on": end, "school_on": today()}
    parts = {f"{name}-{part}": getattr(day, part) for name, day in days.items() for part in ("day", "month", "year")}
    given = {
        "hours": "15",
        "reason": "need",
        "why": "While support is put in place",
        "steps-rows": "2",
        "steps-0-hours": "23.5",
    }
    week = {f"pattern-{n}-am": "on" for n in range(5)}
    return {**parts, **given, **week, **changes}


def test_a_teacher_records_one_on_the_page_and_odd_input_is_told(people, client):
    client.force_login(people.teacher)
    address = reverse("attendance:timetable_add", args=[people.amy.uuid])
    assert client.get(address).status_code == 200
    for odd in (
        {"hours": "²"},
        {"why": "x" * 4001},
        {"steps-0-hours": ""},
        {"end-year": "9999"},
        {"reason": "nothing"},
        {"hours": "1e9"},
    ):
        answer = client.post(address, sent(**odd))
        assert (answer.status_code, odd) == (200, odd)
        assert answer.context["form"].errors
    answer = client.post(address, sent())
    one = ReducedTimetable.objects.get()
    assert (answer.status_code, answer.url) == (302, one.get_absolute_url())
    assert (one.pattern, one.reason, one.steps) == (MORNINGS, "need", [Step(one.end, FULL)])
    assert [said.party for said in one.agreements.all()] == ["school"]


def test_the_steps_of_one_on_its_pages(people, client):
    one = recorded(people)

    def post(role, name, **given):
        client.force_login(people[role])
        return client.post(reverse(f"attendance:timetable_{name}", args=[one.uuid]), given).status_code

    on = {f"on-{part}": getattr(today(), part) for part in ("day", "month", "year")}
    nextly = {f"review_on-{part}": getattr(today() + WEEK, part) for part in ("day", "month", "year")}
    assert post("socialworker", "answer", round="1", party="social_worker", agrees="yes", words="", **on) == 302
    assert post("teacher", "answer", round="1", party="virtual_school", agrees="yes", words="", **on) == 200
    assert post("teacher", "review", round="1", outcome="more_hours", words="Good", **nextly) == 200
    week = {f"pattern-{n}-am": "on" for n in range(5)}
    assert post("teacher", "review", round="1", outcome="more_hours", hours="18", words="Good", **nextly, **week) == 302
    assert post("teacher", "end", words="Full time", **on) == 302
    assert post("teacher", "end", words="Full time", **on) == 409
    client.force_login(people.iro)
    titles = [step["title"] for step in client.get(one.get_absolute_url()).context["steps"]]
    assert sorted(titles) == ["Recorded", "Reviewed: ended", "Reviewed: more hours", "Social worker agreed"]
    moments = [moment.title for moment in timeline.moments(people.amy, user=people.iro)]
    assert sorted(moments) == ["Reduced timetable began", "Reduced timetable: ended", "Reduced timetable: more hours"]


@pytest.mark.parametrize(
    ("state", "number"), [("", 3), ("running", 2), ("not_agreed", 2), ("late", 1), ("ended", 1), ("x", 0)]
)
def test_the_register_and_its_file_by_state(people, client, state, number):
    recorded(people)
    ReducedTimetableFactory(enrolment=people.bob.enrolments.get(), review_on=today() - DAY)
    ReducedTimetableFactory(enrolment=EnrolmentFactory(child=people.bob, second=True), ended=True)
    client.force_login(people.vsh)
    page = client.get(reverse("attendance:timetables"), {"state": state})
    assert len(page.context["table"].rows) == number
    text = client.get(reverse("attendance:timetables_file"), {"state": state}).content.decode()
    assert len(text.splitlines()) == number + 1


def test_the_register_and_the_childs_pages_show_only_ones_own(people, client):
    recorded(people)
    ReducedTimetableFactory(enrolment=people.bob.enrolments.get())
    client.force_login(people.socialworker)
    assert len(client.get(reverse("attendance:timetables")).context["table"].rows) == 1
    own = client.get(reverse("attendance:arrangements", args=[people.amy.uuid]))
    assert len(own.context["tables"][0].rows) == 1
    rows = client.get(reverse("attendance:child", args=[people.amy.uuid])).context["arranged"]
    assert [row["key"] for row in rows] == ["Reduced timetable"]


def test_who_is_asked_at_home(people):
    recorded(people, agreed={Party.SCHOOL: today(), Party.CARER: today()})
    got = {role: panels.timetables_to_agree(people[role]).count for role in personas.NAMES}
    assert {role for role, count in got.items() if count} == {"vsh", "ala", "socialworker", "manager"}
