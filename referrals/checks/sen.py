"""The night's watch over the SEN team's matters: moves without an answer, dates that ran out, changes of phase, annual reviews."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import CharField, Max, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.text import capfirst

from children.checks.registry import Finding, check
from children.enums import SenStatus
from children.evidence import evidence, fact
from children.models import Clock, SenRecord
from referrals import sen_dates
from referrals.enums import AnnualState, HandoverState, PhaseState, ReviewOutcome, SenEvent, SenKind
from referrals.models import SenMatter
from virtualschool.rulebook import rules, schoolyear
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.schoolyear import words

OWN_CHECK = (sen_dates.MOVE_ANSWER, sen_dates.ANNUAL_REVIEW, sen_dates.TO_SCHOOL, sen_dates.TO_POST_16)
# What it means when a date has run out.
RAN_OUT = {
    sen_dates.DECIDE_TO_ASSESS: "No decision whether to assess",
    sen_dates.FINAL_PLAN: "No final plan",
    sen_dates.DRAFT_COMMENT: "The time for comments on the draft is over, and there is no final plan",
    sen_dates.REVIEW_DECISION: "No decision on the plan after its review",
    sen_dates.HAND_OVER: "The old council has not handed the plan over",
    sen_dates.TELL_PARENT: "The new council has not told the parent what it does with the plan",
    sen_dates.SCHOOL_REPLY: "The school has not answered on the plan",
}


@check("sen.no_answer", words="The SEN team has not answered a move", rule=sen_dates.MOVE_ANSWER)
def no_answer(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Notices of a move whose day for an answer went by."""
    matters = _open(on, children).filter(kind=SenKind.MOVE)
    for one, clock in _late(matters, on, Q(rule__key=sen_dates.MOVE_ANSWER)):
        told = f"The SEN team was told of a move and has not answered; it was due by {words(clock.due_on)}"
        yield _finding(one, clock, told, "It was told")


@check("sen.overdue", words="A date of the SEN team ran out")
def overdue(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Every other date of an open matter that ran out, under the rule it was started by; and plans not handed over on the day of a move."""
    matters = _open(on, children)
    for one, clock in _late(matters, on, ~Q(rule__key__in=OWN_CHECK)):
        told = RAN_OUT.get(clock.rule.key, capfirst(clock.about))
        school = f" ({one.school.name})" if one.school else ""
        yield _finding(one, clock, f"{told}{school}; it was due by {words(clock.due_on)}", capfirst(clock.started_by))
    yield from _not_handed_over(matters.filter(kind=SenKind.HANDOVER, moves_on__lt=on))


@check("sen.phase_transfer", words="Change of phase without an amended plan", rule="sen.phase_transfer.ahead")
def phase_transfer(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Children with a plan whose change of phase is near, or past its date this school year, without an amended plan."""
    ahead = rules.value("sen.phase_transfer.ahead", on=on)
    records = _plans(on, children)
    places = sen_dates.main_places([one.child_id for one in records], on)
    known = sen_dates.phase_rules(on)
    matters = _phase_matters(on, children)
    for record in records:
        change = sen_dates.phase_change(record.child, places.get(record.child_id), on, known)
        matter = matters.get(record.child_id)
        if change is None or _settled(matter) or on < change.due_on - timedelta(weeks=ahead):
            continue
        told = f"Changes {change.words}; the amended plan is due by {words(change.due_on)}"
        stage = matter.state_words if matter else "No matter is open with the SEN team"
        since = matter.started_on if matter else date(schoolyear.academic_year(on), 9, 1)
        href = matter.get_absolute_url() if matter else reverse("sen:of_child", args=[record.child.uuid])
        facts = [fact(since, stage, href), fact(change.due_on, change.rule.words)]
        key = f"phase:{record.child_id}:{schoolyear.academic_year(on)}"
        yield Finding(record.child_id, key, evidence(told, *facts), rule_id=change.rule.pk)


@check("sen.annual_review", words="Annual review of a plan due", rule="sen.annual_review.ahead")
def annual_review(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Plans whose review is due soon or was due, until its meeting was held; with whether a PEP stands beside it."""
    pack = rules.pack(on, sen_dates.ANNUAL_REVIEW)
    ahead, months = pack.value("sen.annual_review.ahead"), pack.value(sen_dates.ANNUAL_REVIEW)
    matters = _reviews(on, children)
    for record in _plans(on, children):
        due = sen_dates.review_due(record, months)
        matter = matters.get(record.child_id)
        if matter is not None and _ceases(matter, record):
            yield from _still_recorded(on, matter, record, pack.get("sen.annual_review.ceased"))
            continue
        held = matter is not None and matter.state == AnnualState.HELD
        if due is None or held or on + timedelta(weeks=ahead) < due:
            continue
        matter = matter if matter and matter.state in (AnnualState.DUE, AnnualState.PLANNED) else None
        state = "was due" if due < on else "is due"
        pep = f"the PEP meets on {words(matter.pep_on)}" if matter and matter.pep_on else "there is no PEP date"
        told = f"The annual review of the plan {state} by {words(due)}; {pep}"
        href = matter.get_absolute_url() if matter else reverse("sen:of_child", args=[record.child.uuid])
        facts = [fact(due, "Review due", href)]
        if record.plan_on:
            facts.append(fact(record.plan_on, "Date of the plan"))
        if matter and matter.meeting_on:
            facts.append(fact(matter.meeting_on, "Meeting planned", matter.get_absolute_url()))
        key = f"review:{record.child_id}:{due.isoformat()}"
        yield Finding(record.child_id, key, evidence(told, *facts))


# ---------------------------------------------------------------- parts


def _open(on: date, children: QuerySet[Any]) -> QuerySet[SenMatter]:
    rows: QuerySet[SenMatter] = SenMatter.objects.open_on(on).filter(child__in=children)
    return rows.select_related("school").order_by("pk")


def _late(matters: QuerySet[SenMatter], on: date, which: Q) -> Iterator[tuple[SenMatter, Clock]]:
    """Open matters with each of their clocks that ran out and was not stopped by the day. Two queries."""
    running = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    known = {one.key: one for one in matters}
    names = matters.order_by().annotate(name=Concat(Value("referrals.SenMatter:"), Cast("uuid", CharField())))
    late = Clock.objects.filter(running, which, due_on__lt=on, matter__in=names.values("name"))
    for clock in late.select_related("rule").order_by("pk"):
        yield known[clock.matter], clock


def _finding(one: SenMatter, clock: Clock, told: str, began: str) -> Finding:
    facts = [
        fact(clock.started_on, began, one.get_absolute_url()),
        fact(clock.due_on, clock.rule.words, clock.get_absolute_url()),
    ]
    return Finding(one.child_id, f"clock:{clock.pk}", evidence(told, *facts), rule_id=clock.rule_id)


def _not_handed_over(matters: QuerySet[SenMatter]) -> Iterator[Finding]:
    """Those that had notice enough, so that the day of the move is the date and no clock runs."""
    name = Concat(Value("referrals.SenMatter:"), Cast("uuid", CharField()))
    counted = Clock.objects.filter(rule__key=sen_dates.HAND_OVER).values("matter")
    still = matters.filter(state=HandoverState.KNOWN).annotate(name=name).exclude(name__in=counted)
    for one in still:
        if one.moves_on is None:
            continue
        told = f"{RAN_OUT[sen_dates.HAND_OVER]}; the child was to move on {words(one.moves_on)}"
        facts = [fact(one.moves_on, "Day of the move", one.get_absolute_url())]
        yield Finding(one.child_id, f"handover:{one.pk}", evidence(told, *facts))


def _plans(on: date, children: QuerySet[Any]) -> list[SenRecord]:
    rows = SenRecord.objects.current(on).filter(child__in=children, status=SenStatus.EHCP)
    return list(rows.select_related("child").order_by("child_id"))


def _phase_matters(on: date, children: QuerySet[Any]) -> dict[int, SenMatter]:
    """This school year's, the latest of each child."""
    year = date(schoolyear.academic_year(on), 9, 1)
    rows = SenMatter.objects.filter(child__in=children, kind=SenKind.PHASE, started_on__range=(year, on))
    return {one.child_id: one for one in rows.order_by("pk")}


def _reviews(on: date, children: QuerySet[Any]) -> dict[int, Any]:
    """The latest of each child, with ``decided_on``."""
    rows = SenMatter.objects.filter(child__in=children, kind=SenKind.REVIEW, started_on__lte=on)
    decided = Max("steps__on", filter=Q(steps__event=SenEvent.DECIDE))
    return {one.child_id: one for one in rows.annotate(decided_on=decided).order_by("pk")}


def _settled(matter: SenMatter | None) -> bool:
    """The amended plan was issued, or somebody closed the matter and said why, as where the school goes on after that year."""
    if matter is None or matter.open:
        return False
    return matter.state == PhaseState.ISSUED or matter.closed_by_id is not None


def _ceases(matter: Any, record: SenRecord) -> bool:
    """The council decided that this very plan ceases: one made after the decision is another."""
    if matter.outcome != ReviewOutcome.CEASE:
        return False
    decided = matter.decided_on or matter.closed_on
    return (record.plan_on or matter.started_on) <= decided


def _still_recorded(on: date, matter: Any, record: SenRecord, rule: InForce) -> Iterator[Finding]:
    """The record stays until the plan has ceased, which somebody has to write down."""
    decided = matter.decided_on or matter.closed_on
    if on < decided + timedelta(weeks=rule.value):
        return
    told = f"It was decided on {words(decided)} that the plan ceases, and it is still recorded"
    found = evidence(told, fact(decided, "Decided", matter.get_absolute_url()), fact(record.start, "Recorded since"))
    yield Finding(record.child_id, f"ceases:{matter.pk}", found, rule_id=rule.pk)
