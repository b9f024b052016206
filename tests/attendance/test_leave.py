"""Leave in term time: who asks, views, answers and decides; the rules' refusals with their source; the marks beside the decision."""

from datetime import date, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from attendance import consumers, timeline
from attendance.actions import leave as actions
from attendance.actions.leave import LeaveFacts
from attendance.leave import marks as leavemarks
from attendance.leave import rules as leaverules
from attendance.models import LeaveRequest
from children.checks.registry import CHECKS
from children.enums import ClockState
from children.models import Child
from tests import personas
from tests.factories.attendance import LeaveRequestFactory, mark
from tests.factories.rulebook import set_rule
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.overview.homes import arrangements as panels

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 25)
DEVON = "Devon Virtual School: information for IROs and social workers"


@pytest.fixture
def people():
    return personas.cast()


def asked(people, by="teacher", key=None, **changes):
    given = {"start": MONDAY, "end": WEDNESDAY, "kind": "family", "purpose": "A wedding"} | changes
    place = people.amy.enrolments.get()
    return actions.ask(enrolment=place, facts=LeaveFacts(**given), by=people[by], key=key or uuid4())


def decided(people, leave, code="C", by="teacher", on=None):
    return actions.decide(leave=leave, code=code, words="Once in a life", on=on or today(), by=people[by])


def found(name, on=None):
    check = CHECKS[f"attendance.leave.{name}"]
    return [one.natural_key for one in check.find(on=on or today(), children=Child.objects.all())]


def parts(name, on):
    return {f"{name}-{part}": getattr(on, part) for part in ("day", "month", "year")}


def mails(kind):
    return {message.to.role for message in Message.objects.filter(kind=f"leave.{kind}").select_related("to")}


# ---------------------------------------------------------------- the rules


@pytest.mark.parametrize(
    ("kind", "days", "holiday", "refused"),
    [
        ("family", 2, "refused_unless_exceptional", False),
        ("family", 4, "refused_unless_exceptional", False),
        ("family", 5, "refused_unless_exceptional", True),
        ("family", None, "refused_unless_exceptional", False),
        ("holiday", 1, "refused_unless_exceptional", True),
        ("holiday", 1, "school_decides", False),
        ("adoption", 1, "school_decides", True),
    ],
)
def test_holidays_and_extended_time_out_are_not_supported_and_the_source_is_named(kind, days, holiday, refused):
    if holiday == "school_decides":
        set_rule("attendance.holiday", holiday, from_=date(2026, 1, 1))
    verdict = leaverules.refused_by_rule(kind, days, today())
    assert (bool(verdict), verdict.source.startswith(DEVON)) == (not refused, refused)


def test_only_the_head_makes_an_exception_and_none_where_the_council_left_no_room(people):
    leave = asked(people, kind="holiday", exceptional="To see her grandmother before she dies")
    with pytest.raises(Refused) as refusal:
        actions.answer(leave=leave, supports=True, words="Yes", by=people.ala)
    assert refusal.value.verdict.source == DEVON
    set_rule("attendance.holiday", "refused", from_=date(2026, 1, 1))
    with pytest.raises(Refused, match="supports no holiday"):
        actions.answer(leave=leave, supports=True, words="Yes", by=people.vsh)
    set_rule("attendance.holiday", "refused_unless_exceptional", from_=date(2026, 1, 2))
    assert actions.answer(leave=leave, supports=True, words="An exception", by=people.vsh).supported is True


@pytest.mark.parametrize(("days", "refused"), [(4, False), (30, True)])
def test_time_away_is_extended_also_where_the_terms_are_not_known(days, refused):
    leave = LeaveRequest(kind="family", start=MONDAY, end=MONDAY + days * DAY, school_days=None)
    verdict = leaverules.of_request(leave, today())
    assert (not verdict) is refused


# ---------------------------------------------------------------- asking


def test_a_request_counts_its_school_days_starts_its_clock_and_tells_those_who_are_next(people):
    key = uuid4()
    leave = asked(people, key=key)
    assert asked(people, key=key) == leave
    assert (leave.school_days, leave.state, leave.clock.due_on) == (2, "asked", date(2026, 11, 17))
    assert (mails("view"), mails("answer")) == ({"socialworker"}, {"vsh", "ala"})
    with pytest.raises(Conflict):
        asked(people, key=LeaveRequestFactory().uuid)
    theirs = asked(people, by="socialworker", start=WEDNESDAY, end=WEDNESDAY + DAY)
    assert (theirs.state, theirs.worker_supports) == ("viewed", True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": date(2026, 11, 21), "end": date(2026, 11, 23)}, "There is no school on these days"),  # a weekend
        ({"start": date(2026, 12, 25), "end": date(2026, 12, 29)}, "There is no school on these days"),
        ({"end": MONDAY}, "first day back must be after"),
        ({"start": date(2026, 11, 2), "end": date(2026, 11, 10)}, "gone by"),
        ({"start": date(2026, 11, 24), "end": date(2026, 11, 27)}, "asked for already"),
        ({"end": date(2031, 1, 1)}, "a year at most"),
        ({"purpose": " "}, "Say what it is for"),
    ],
)
def test_what_is_no_leave_is_refused(people, changes, words):
    asked(people)
    with pytest.raises(ValidationError, match=words):
        asked(people, **{"start": date(2026, 12, 1), "end": date(2026, 12, 2)} | changes)


def test_who_asks_and_overlap_in_the_database(people):
    got = set()
    for number, role in enumerate(personas.NAMES):
        try:
            asked(people, by=role, start=MONDAY + 7 * number * DAY, end=MONDAY + (7 * number + 4) * DAY)
        except Refused:
            continue
        except ValidationError:  # in a holiday
            pass
        got.add(role)
    assert got == {"vsh", "coordinator", "support", "socialworker", "manager", "teacher"}
    with pytest.raises(Refused):
        actions.ask(
            enrolment=people.amy.enrolments.get(),
            facts=LeaveFacts(MONDAY, WEDNESDAY, "family", "x"),
            by=people.outsiders["socialworker"],
            key=uuid4(),
        )
    first = LeaveRequest.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        LeaveRequestFactory(enrolment=first.enrolment, start=first.start, end=first.end)
    with pytest.raises(DatabaseError), transaction.atomic():
        LeaveRequest.objects.update(state="granted")


# ---------------------------------------------------------------- from view to decision


def test_view_answer_decision_each_by_its_own_and_kept_apart(people):
    leave = asked(people)
    wrong = [
        (actions.view, {"supports": True, "words": "x"}, ("teacher", "ala", "vsh", "iro", "coordinator")),
        (actions.answer, {"supports": False, "words": "x"}, ("teacher", "socialworker", "coordinator", "iro")),
        (
            actions.decide,
            {"code": "C", "words": "", "on": today()},
            ("socialworker", "ala", "vsh", "coordinator", "iro"),
        ),
    ]
    for act, given, roles in wrong:
        for role in roles:
            with pytest.raises(Refused):
                act(leave=leave, by=people[role], **given)
    with pytest.raises(ValidationError):
        actions.view(leave=leave, supports=True, words=" ", by=people.socialworker)
    for _ in range(2):  # a double click
        actions.view(leave=leave, supports=True, words="Her only family", by=people.socialworker)
    for _ in range(2):
        actions.answer(leave=leave, supports=False, words="It could be in the holidays", by=people.ala)
    assert mails("decide") == {"teacher"}
    for code, on in (("G", today()), ("C2", today()), ("C", today() + DAY)):
        with pytest.raises(ValidationError):
            decided(people, leave, code, on=on)
    leave = decided(people, leave)
    assert (leave.worker_supports, leave.supported, leave.state, leave.code) == (True, False, "granted", "C")
    assert (leave.clock.state, mails("decided")) == (ClockState.MET, {"teacher", "socialworker"})
    with pytest.raises(Conflict):
        actions.answer(leave=leave, supports=True, words="Late", by=people.vsh)
    leave = decided(people, leave, "")
    assert (leave.state, leave.code) == ("not_granted", "")
    steps = [step.event for step in leave.steps.all()]
    assert steps == ["asked", "viewed", "answered", "granted", "not_granted"]
    with pytest.raises(DatabaseError), transaction.atomic():
        leave.steps.update(words="another")
    titles = [moment.title for moment in timeline.moments(people.amy, user=people.iro)]
    assert titles[0] == "Leave in term time: not granted by the school"


def test_withdrawn_by_who_asks_or_with_the_school_and_then_the_days_are_free(people):
    leave = asked(people)
    with pytest.raises(Refused):
        actions.withdraw(leave=leave, words="x", by=people.ala)
    actions.withdraw(leave=leave, words="Not wanted any more", by=people.socialworker)
    with pytest.raises(Conflict):
        actions.withdraw(leave=leave, words="Not wanted", by=people.teacher)
    again = decided(people, asked(people))
    place = people.amy.enrolments.get()
    people.amy.enrolments.update(end=today())
    consumers.end_with_school(SimpleNamespace(data={"enrolment": place.pk}))
    again.refresh_from_db()
    assert (again.state, again.code, again.clock.state) == ("withdrawn", "", ClockState.CANCELLED)


# ---------------------------------------------------------------- marks and the night


@pytest.mark.parametrize(
    ("state", "code", "am", "pm", "why"),
    [
        ("granted", "C", "C", "C", []),
        ("granted", "C", "C", "G", ["granted as C"]),
        ("granted", "C1", "C", "\\", ["granted as C1"]),
        ("not_granted", "", "G", "O", []),
        ("not_granted", "", "C", "/", ["not granted"]),
        ("asked", "", "C", "I", ["not decided"]),
        ("withdrawn", "", "C", "C", []),
    ],
)
def test_marks_beside_the_decision(state, code, am, pm, why):
    leave = LeaveRequestFactory(state=state, code=code, start=today() - DAY, end=today())
    mark(leave.child, today() - DAY, am, pm)
    got = leavemarks.differing([leave], today()).get(leave.pk, [])
    assert [one.why for one in got] == why
    assert leavemarks.differing([leave], today() - 2 * DAY) == {}
    assert found("differs") == ([f"leave:{leave.pk}"] if why else [])


def test_waiting_by_school_days_and_holidays_that_nobody_asked_for(people):
    leave = asked(people)  # from Monday 23 November: five school days before is Monday 16
    assert [found("waiting", date(2026, 11, day)) for day in (16, 17)] == [[], [f"leave:{leave.pk}"]]
    mark(people.amy, MONDAY, "G", "G")
    mark(people.bob, MONDAY, "/", "G")
    assert found("unasked", MONDAY) == [f"{people.bob.pk}:holiday"]
    assert found("unasked", MONDAY + 28 * DAY) == []
    decided(people, leave, "")
    assert found("waiting", date(2026, 11, 17)) == []


# ---------------------------------------------------------------- pages


def test_on_its_pages(people, client):
    def post(role, name, of, **given):
        client.force_login(people[role])
        return client.post(reverse(f"attendance:leave_{name}", args=[of.uuid]), given)

    sent = {
        "kind": "holiday",
        "purpose": "A week by the sea",
        "exceptional": "",
        **parts("start", MONDAY),
        **parts("end", WEDNESDAY),
    }
    for odd in ({"kind": "²"}, {"purpose": "x" * 4001}, parts("end", MONDAY), {"end-year": "2099"}):
        answer = post("socialworker", "ask", people.amy, **sent | odd)
        assert (answer.status_code, bool(answer.context["form"].errors)) == (200, True)
    answer = post("socialworker", "ask", people.amy, **sent)
    leave = LeaveRequest.objects.get()
    assert (answer.status_code, answer.url) == (302, leave.get_absolute_url())
    page = client.get(leave.get_absolute_url())
    assert page.context["notices"][0].endswith(f"Source: {DEVON}")
    assert [one["text"] for one in page.context["actions"]] == ["Withdraw it"]
    client.force_login(people.vsh)
    form = client.get(reverse("attendance:leave_answer", args=[leave.uuid])).context["form"]
    assert (form["supports"].value(), form["words"].value()[:19]) == ("no", "The Virtual School ")
    assert post("ala", "answer", leave, supports="yes", words="Yes").status_code == 403
    assert post("vsh", "answer", leave, supports="no", words="Not exceptional").status_code == 302
    assert post("vsh", "answer", leave, supports="yes", words="Now it is").status_code == 409
    assert post("socialworker", "view", leave, supports="yes", words="Late").status_code == 409
    assert post("teacher", "decide", leave, decision="G", **parts("on", today())).status_code == 200
    assert post("teacher", "decide", leave, decision="not", words="", **parts("on", today())).status_code == 302
    client.force_login(people.vsh)
    for query, number in (
        ("", 1),
        ("state=open", 0),
        ("state=not_granted", 1),
        ("when=past", 0),
        ("kind=x", 0),
        ("mine=yes", 0),
    ):
        rows = client.get(f"{reverse('attendance:leaves')}?{query}").context["table"].rows
        text = client.get(f"{reverse('attendance:leaves_file')}?{query}").content.decode()
        assert (query, len(rows), len(text.splitlines())) == (query, number, number + 1)
    assert post("socialworker", "withdraw", leave, words="x").status_code == 409
    client.force_login(people.outsiders["teacher"])
    assert client.get(leave.get_absolute_url()).status_code == 404


def test_who_is_asked_at_home(people):
    def waits():
        return {role for role in personas.NAMES if panels.leave_to_answer(people[role]).count}

    leave = asked(people)
    assert waits() == {"vsh", "socialworker", "manager"}
    actions.answer(leave=leave, supports=False, words="No", by=people.vsh)
    assert waits() == {"teacher"}
    decided(people, leave)
    assert waits() == set()


def test_another_answer_in_the_same_words_is_not_taken_for_a_double_click(people):
    """It is refused rather than said to be saved; so is another day of the same decision."""
    leave = asked(people)
    actions.answer(leave=leave, supports=False, words="The trip", by=people.vsh)
    with pytest.raises(Conflict):
        actions.answer(leave=leave, supports=True, words="The trip", by=people.vsh)
    decided(people, leave)
    assert decided(people, leave).state == "granted"
    with pytest.raises(Conflict):
        decided(people, leave, on=today() - DAY)
