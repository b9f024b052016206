"""Opening a matter for the SEN team, telling it of a move, and closing what is no longer needed.

An open matter lets every SEN officer reach the child; the grant ends with the matter, in the same transaction.
"""

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import capfirst

from children import access, clocks
from children.constraints import told
from children.enums import GrantKind
from children.models import Child, Clock, Enrolment, LocalAuthority, School, SenRecord
from referrals import sen_dates, sen_matters, sen_workflow
from referrals.enums import NoticeState, SenEvent, SenKind
from referrals.models import SenMatter, SenStep
from referrals.notifications import sen as notifications
from referrals.policies import sen as policies
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.clocks import reckon
from virtualschool.rulebook.schoolyear import words

ONE_DAY = timedelta(days=1)
OF_A_PLAN = (SenKind.REVIEW, SenKind.PHASE, SenKind.HANDOVER)  # without one there is nothing to do
FURTHEST = 366  # days from today, either way, that a move between councils may lie


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Why a matter is opened and since when; a transfer between councils has two of them and a day."""

    reason: str
    started_on: date
    council: str = ""
    to_council: str = ""
    moves_on: date | None = None


@transaction.atomic
def open_matter(*, child: Child, kind: SenKind | str, facts: Opening, by: User) -> SenMatter:
    """Open one for the SEN team. Sent twice it is one.

    Raises:
        Refused: for anybody but the Virtual School, or for a child not theirs.
        ValidationError: when one of the kind is open, or it does not fit what is known of the child.
    """
    child = _locked_child(child)
    require(policies.can_open(by, child))
    kind = SenKind(kind)
    standing = SenMatter.objects.open().filter(child=child, kind=kind).first()
    if standing is not None and (standing.reason, standing.opened_by) == (facts.reason, by):
        return standing
    plan = sen_dates.plan_of(child, today())
    if plan is not None and not facts.council:
        facts = replace(facts, council=plan.maintained_by)
    _fits(child, kind, facts, plan)
    return _opened(child, kind, by, **asdict(facts))


def kinds_for(child: Child) -> tuple[SenKind, ...]:
    """What may be opened for the child as it is: an assessment without a plan, everything else with one."""
    if sen_dates.plan_of(child, today()) is None:
        return (SenKind.ASSESSMENT,)
    change = sen_dates.phase_change(child, _place(child), today())
    return (SenKind.REVIEW, *([SenKind.PHASE] if change else []), SenKind.HANDOVER)


@transaction.atomic
def consult(*, beside: SenMatter, school: School, reason: str, on: date, by: User) -> SenMatter:
    """Ask a school whether it can meet the plan. Sent twice it is one.

    Raises:
        Refused: for whoever may not.
        Conflict: when the matter that it stands beside is closed.
        ValidationError: without a reason, for a day to come, for a school that is closed, or that is asked beside another matter.
    """
    child = _locked_child(beside.child)
    beside = locked(beside)
    if not beside.open:
        raise Conflict("This matter was closed meanwhile.")
    require(policies.can_consult(by, beside))
    standing = SenMatter.objects.open().filter(child=child, kind=SenKind.CONSULTATION, school=school).first()
    if standing is not None and standing.about == beside.key:
        return standing
    if standing is not None:
        raise ValidationError(
            {"school": f"This school is asked already beside another matter, since {words(standing.started_on)}"}
        )
    _dated(child, on)
    _worded(reason, "reason")
    if not school.is_open:
        raise ValidationError({"school": "This school is closed"})
    fields = {"reason": reason, "started_on": on, "council": beside.council, "about": beside.key}
    return _opened(child, SenKind.CONSULTATION, by, school=school, **fields)


@transaction.atomic
def tell_of_move(*, child: Child, matter: str, reason: str, by: User | None) -> SenMatter:
    """Tell the SEN team of a move of a child with a plan: a notice, at once, with its date for an answer. Told twice it is one; proposed anew after it was
    refused, the SEN team is told anew.

    Args:
        matter: the move, as ``app.Model:uuid``.
        reason: what an SEN officer may read of it: the move, never the child's story.
    """
    child = _locked_child(child)
    there = sen_matters.of_move(matter)
    if there is not None and there.open:
        return there
    plan = sen_dates.plan_of(child, today())
    fields = {"reason": reason, "started_on": today(), "about": matter, "council": plan.maintained_by if plan else ""}
    return _opened(child, SenKind.MOVE, by, **fields)


@transaction.atomic
def close_of_move(*, matter: str, by: User | None, why: str) -> SenMatter | None:
    """The move is done or dropped: its notice closes, and so does every school still being asked for it.

    Returns:
        the notice, closed; None when the SEN team was never told of this move.
    """
    notice = sen_matters.of_move(matter)
    if notice is None:
        return None
    _locked_child(notice.child)
    current = locked(notice)
    if current.open:
        close(current, state=NoticeState.CLOSED, on=today(), words=why, by=by)
    return locked(notice)


@transaction.atomic
def close_for_leaver(*, child_id: int, on: date) -> int:
    """A child left care: the plan goes on, and is no matter of this service any more.

    Returns:
        how many matters were open.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=child_id)
    found = [locked(one) for one in SenMatter.objects.open().filter(child_id=child_id).order_by("pk")]
    for one in found:
        current = locked(one)
        if current.open:
            close(current, state=NoticeState.CLOSED, on=on, words="The child left care.", by=None)
    return len(found)


@transaction.atomic
def close_without_plan(*, child_id: int, on: date) -> int:
    """The child has no plan any more: its review, change of phase and handover fall away, and with them the SEN officers' reach.

    A notice of a move stays with its move.

    Returns:
        how many were closed.
    """
    child = Child.objects.select_for_update(of=("self",)).get(pk=child_id)
    if sen_dates.plan_of(child, on) is not None:
        return 0
    found = [locked(one) for one in SenMatter.objects.open().filter(child=child, kind__in=OF_A_PLAN).order_by("pk")]
    for one in found:
        close(one, state=NoticeState.CLOSED, on=on, words="No plan is recorded any more.", by=None)
    return len(found)


# ---------------------------------------------------------------- parts that the steps use too


def locked(matter: SenMatter) -> SenMatter:
    """The row as it is now, held until the end of the transaction."""
    rows = SenMatter.objects.select_for_update(of=("self",)).select_related("child", "opened_by", "school")
    found: SenMatter = rows.get(pk=matter.pk)
    return found


def close(matter: SenMatter, *, state: str, on: date, words: str, by: User | None) -> None:
    """Its last step: its dates and the schools asked beside it fall away, and with it the SEN officers' reach."""
    matter.state, matter.closed_on, matter.closed_by = str(state), today(), by
    matter.save(update_fields=["state", "closed_on", "closed_by"])
    for clock in Clock.objects.filter(matter=matter.key, state="running"):
        clocks.cancel_clock(clock, today(), "The matter was closed", by=by)
    access.close(matter=matter.key, child=matter.child, by=by)
    if state == NoticeState.CLOSED:
        write_step(matter, SenEvent.CLOSE, on, words, by)
    for beside in SenMatter.objects.open().filter(about=matter.key, kind=SenKind.CONSULTATION).order_by("pk"):
        day = max(on, beside.started_on)
        close(locked(beside), state=NoticeState.CLOSED, on=day, words="What it stood beside was closed", by=by)


def write_step(matter: SenMatter, event: SenEvent, on: date, words: str, by: User | None) -> SenStep:
    step = SenStep.objects.create(matter=matter, event=event, on=on, words=words, by=by, at=now())
    log.record(f"sen.{event.value}", by=by, subject=matter, child=matter.child, data={"kind": matter.kind})
    return step


def start(matter: SenMatter, rule_key: str, about: str, on: date, because: str, by: User | None) -> None:
    """Start one of its dates."""
    urn = matter.school.urn if matter.school else ""
    clocks.start_clock(
        child=matter.child,
        rule_key=rule_key,
        about=about,
        matter=matter.key,
        started_on=on,
        started_by=because,
        school_urn=urn,
        by=by,
    )


# ---------------------------------------------------------------- parts


def _locked_child(child: Child) -> Child:
    row: Child = Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    return row


def _opened(child: Child, kind: SenKind, by: User | None, **fields: object) -> SenMatter:
    with told():
        matter = SenMatter.objects.create(
            child=child, kind=kind, state=sen_workflow.FIRST[kind], opened_by=by, **fields
        )
    write_step(matter, SenEvent.OPENED, matter.started_on, matter.reason, by)
    access.grant(
        child=child,
        kind=GrantKind.SEN,
        role=roles.SEN.name,
        matter=matter.key,
        reason=capfirst(kind.label),
        by=by,
    )
    START[kind](matter, by)
    notifications.tell_officers(matter)
    return matter


def _start_notice(matter: SenMatter, by: User | None) -> None:
    start(matter, sen_dates.MOVE_ANSWER, "SEN team's answer to a move", matter.started_on, "the SEN team was told", by)


def _start_assessment(matter: SenMatter, by: User | None) -> None:
    on, asked = matter.started_on, "an assessment was asked for"
    start(matter, sen_dates.DECIDE_TO_ASSESS, "Decision whether to assess", on, asked, by)
    start(matter, sen_dates.FINAL_PLAN, "Final education, health and care plan", on, asked, by)


def _start_review(matter: SenMatter, by: User | None) -> None:
    """From the day of the plan; where the record gives the review's own day, counted back from that, so that the date is the record's."""
    plan = sen_dates.plan_of(matter.child, today())
    if plan is None:
        return
    months = rules.value(sen_dates.ANNUAL_REVIEW, on=today())
    since, because = plan.plan_on, "the plan was made"
    if plan.annual_review_due:
        since, because = (
            schoolyear.add_months(plan.annual_review_due, -months),
            f"{months} months before the day recorded",
        )
    if since is not None:
        start(matter, sen_dates.ANNUAL_REVIEW, "Annual review of the plan", since, because, by)


def _start_phase(matter: SenMatter, by: User | None) -> None:
    change = sen_dates.phase_change(matter.child, _place(matter.child), today())
    if change is not None:
        year = date(schoolyear.academic_year(today()), 9, 1)
        start(
            matter, change.rule.key, f"Amended plan before the change {change.words}", year, "the last year began", by
        )


def _start_handover(matter: SenMatter, by: User | None) -> None:
    """With enough notice it is the day of the move, which needs no counting; with less, working days "beginning with the day on which
    it did become aware" (regulation 15(2)): that day is day 1, so the day before it is day 0.
    """
    rule = rules.get(sen_dates.HAND_OVER, on=matter.started_on)
    counted = reckon(rule, matter.started_on, calendars.load()).due_on
    if matter.moves_on is None or counted is None or counted > matter.moves_on:
        about = "Old council hands the plan over"
        day_0 = matter.started_on - ONE_DAY
        start(matter, sen_dates.HAND_OVER, about, day_0, "the day before the old council knew of the move", by)


def _start_consultation(matter: SenMatter, by: User | None) -> None:
    start(matter, sen_dates.SCHOOL_REPLY, "School's answer on the plan", matter.started_on, "the school was asked", by)


START = {
    SenKind.MOVE: _start_notice,
    SenKind.ASSESSMENT: _start_assessment,
    SenKind.REVIEW: _start_review,
    SenKind.PHASE: _start_phase,
    SenKind.HANDOVER: _start_handover,
    SenKind.CONSULTATION: _start_consultation,
}


def _fits(child: Child, kind: SenKind, facts: Opening, plan: SenRecord | None) -> None:
    _dated(child, facts.started_on, "started_on")
    _worded(facts.reason, "reason")
    if kind in (SenKind.MOVE, SenKind.CONSULTATION):
        raise ValidationError("A notice comes from a move, and a consultation from a matter that is open.")
    if kind == SenKind.ASSESSMENT and plan is not None:
        raise ValidationError("The child has a plan already.")
    if kind != SenKind.ASSESSMENT and plan is None:
        raise ValidationError("No education, health and care plan is recorded for this child. Record it first.")
    if kind == SenKind.PHASE:
        _last_year(child, facts.started_on)
    _councils(kind, facts)


def _last_year(child: Child, started_on: date) -> None:
    """A change of phase belongs to the school year that ends with it."""
    if sen_dates.phase_change(child, _place(child), today()) is None:
        raise ValidationError("The child is not in the last year before a change of phase.")
    first = date(schoolyear.academic_year(today()), 9, 1)
    if started_on < first:
        raise ValidationError({"started_on": f"The last year began on {words(first)}. Give that day or a later one"})


def _councils(kind: SenKind, facts: Opening) -> None:
    given = [code for code in (facts.council, facts.to_council) if code]
    if LocalAuthority.objects.filter(code__in=given).count() != len(set(given)):
        raise ValidationError({"council": "Choose a council of the list"})
    if kind != SenKind.HANDOVER:
        return
    if not facts.to_council or facts.to_council == facts.council:
        raise ValidationError({"to_council": "Choose the council that the child moves to, another than the first"})
    if facts.moves_on is None or abs((facts.moves_on - today()).days) > FURTHEST:
        raise ValidationError({"moves_on": "Give the day of the move, within a year of today"})


def _dated(child: Child, on: date, name: str = "on") -> None:
    if on > today():
        raise ValidationError({name: "The day must be today or in the past"})
    if on < child.date_of_birth:
        raise ValidationError({name: "The day must be after the child was born"})


def _worded(words: str, name: str) -> None:
    if not words.strip():
        raise ValidationError({name: "Say why"})


def _place(child: Child) -> Enrolment | None:
    return sen_dates.main_places([child.pk], today()).get(child.pk)
