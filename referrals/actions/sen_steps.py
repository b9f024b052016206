"""The steps of a matter of the SEN team, each kind by its own table; what was decided of a plan goes into the record of need once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import clocks
from children.actions import needs
from children.constraints import told
from children.enums import SenStatus
from children.models import Child, Clock, LocalAuthority
from referrals import sen_dates, sen_workflow
from referrals.actions.sen import ONE_DAY, close, locked, start, write_step
from referrals.enums import CanMeet, NoticeState, ReviewOutcome, SenEvent
from referrals.models import SenMatter
from referrals.notifications import sen as notifications
from referrals.policies import sen as policies
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require
from virtualschool.rulebook import rules, schoolyear

# What nobody understands later without a reason.
WORDED = frozenset(
    {
        SenEvent.ANSWER,
        SenEvent.REFUSE,
        SenEvent.NO_PLAN,
        SenEvent.DECIDE,
        SenEvent.NAME_SCHOOL,
        SenEvent.TELL_PARENT,
        SenEvent.DECLINE,
        SenEvent.CLOSE,
    }
)
PLANS = (SenEvent.PLAN_MEETING, SenEvent.PEP_BESIDE)  # they say what is to come and order nothing
FURTHEST = 731  # days from today, either way, that a meeting may lie


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """What was done, on which day, in which words; and what some steps say besides."""

    on: date
    words: str = ""
    can_meet: str = ""
    outcome: str = ""
    meeting_on: date | None = None
    pep_on: date | None = None
    council: str = ""


@transaction.atomic
def take_step(*, matter: SenMatter, event: SenEvent | str, facts: StepFacts, by: User) -> SenMatter:
    """Take the next step. The very step sent a second time is taken once.

    Raises:
        Refused: for whoever may not take it.
        Conflict: when the matter is not where this step begins.
        ValidationError: when the facts do not fit.
    """
    Child.objects.select_for_update(of=("self",)).get(pk=matter.child_id)
    matter, event = locked(matter), SenEvent(event)
    require(policies.can_take(by, matter, event))
    if _taken_already(matter, event, facts, by):
        return matter
    state = sen_workflow.TABLES[matter.kind].target(matter.state, event)
    _fits(matter, event, facts)
    changed = EFFECTS[event](matter, facts, by) if event in EFFECTS else []
    matter.state = state
    if state in sen_workflow.LAST:
        with told():
            matter.save(update_fields=changed)
        close(matter, state=state, on=facts.on, words=facts.words, by=by)
    else:
        matter.save(update_fields=["state", *changed])
    if state != NoticeState.CLOSED:
        write_step(matter, event, facts.on, facts.words, by)
    notifications.tell_opener(matter, matter.steps.latest("pk"))
    return matter


def _taken_already(matter: SenMatter, event: SenEvent, facts: StepFacts, by: User) -> bool:
    last = matter.steps.last()
    same = last is not None and (last.event, last.on, last.words, last.by_id) == (event, facts.on, facts.words, by.pk)
    said = {name: getattr(facts, name) for name in ("can_meet", "outcome", "meeting_on", "pep_on")}
    return same and all(getattr(matter, name) == value for name, value in said.items() if value)


def _fits(matter: SenMatter, event: SenEvent, facts: StepFacts) -> None:
    if facts.on > today():
        raise ValidationError({"on": "The day must be today or in the past"})
    _in_order(matter, facts.on)
    if event in WORDED and not facts.words.strip():
        raise ValidationError({"words": "Say it in a few words"})


def _in_order(matter: SenMatter, on: date) -> None:
    """No step lies before the one that it follows; a plan for a meeting may be written down after the day."""
    last = matter.steps.exclude(event__in=PLANS).order_by("-on").first()
    if last is None or on >= last.on:
        return
    began = "The matter began" if last.event == SenEvent.OPENED else "The step before was"
    raise ValidationError({"on": f"{began} on {schoolyear.words(last.on)}. Give that day or a later one"})


# ---------------------------------------------------------------- what each step changes


def _answer(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    matter.can_meet = CanMeet(facts.can_meet)
    if matter.answered_on is None:
        matter.answered_on = facts.on
    _meet(matter, sen_dates.MOVE_ANSWER, facts.on, by)
    return ["can_meet", "answered_on"]


def _assess(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    """Or not: either way the decision was made."""
    _meet(matter, sen_dates.DECIDE_TO_ASSESS, facts.on, by)
    return []


def _draft(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    """Fifteen days "beginning with the day on which the draft plan was served"; another draft has its own (regulation 13(1))."""
    day_0 = facts.on - ONE_DAY
    earlier = Clock.objects.running().filter(matter=matter.key, rule__key=sen_dates.DRAFT_COMMENT).first()
    if earlier is not None:
        clocks.restart_clock(earlier, day_0, started_by="the day before the newest draft was sent", by=by)
        return []
    about = "Comments on the draft plan"
    start(matter, sen_dates.DRAFT_COMMENT, about, day_0, "the day before the draft was sent", by)
    return []


def _finalise(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    """The plan is made: the record of need says so from that day, with the council that holds it."""
    matter.council = _council(facts.council)
    _meet(matter, sen_dates.FINAL_PLAN, facts.on, by)
    _meet(matter, sen_dates.DRAFT_COMMENT, facts.on, by)
    needs.carry_on(
        child=matter.child,
        start=facts.on,
        by=by,
        status=SenStatus.EHCP.value,
        plan_on=facts.on,
        annual_review_due=None,
        maintained_by=matter.council,
    )
    return ["council"]


def _plan_meeting(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    matter.meeting_on = _day(facts.meeting_on, "meeting_on")
    return ["meeting_on"]


def _pep_beside(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    matter.pep_on = _day(facts.pep_on, "pep_on")
    return ["pep_on"]


def _hold(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    matter.meeting_on = facts.on
    _meet(matter, sen_dates.ANNUAL_REVIEW, facts.on, by)
    about = "Decision after the annual review"
    start(matter, sen_dates.REVIEW_DECISION, about, facts.on, "the review meeting was held", by)
    return ["meeting_on"]


def _decide(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    """A plan that goes on is reviewed again a year after the meeting. One that is to cease stays recorded until it has."""
    matter.outcome = ReviewOutcome(facts.outcome)
    _meet(matter, sen_dates.REVIEW_DECISION, facts.on, by)
    held = matter.meeting_on or facts.on
    if matter.outcome != ReviewOutcome.CEASE and sen_dates.plan_of(matter.child, today()):
        months = rules.value(sen_dates.ANNUAL_REVIEW, on=held)
        due = schoolyear.add_months(held, months)
        needs.carry_on(child=matter.child, start=facts.on, by=by, annual_review_due=due)
    return ["outcome"]


def _issue(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    for key in (sen_dates.TO_SCHOOL, sen_dates.TO_POST_16):
        _meet(matter, key, facts.on, by)
    return []


def _hand_over(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    """From then on the plan is the new council's."""
    _meet(matter, sen_dates.HAND_OVER, facts.on, by)
    about = "New council tells the parent what it does with the plan"
    start(matter, sen_dates.TELL_PARENT, about, facts.on, "the plan was handed over", by)
    if sen_dates.plan_of(matter.child, today()):
        needs.carry_on(child=matter.child, start=facts.on, by=by, maintained_by=matter.to_council)
    return []


def _tell_parent(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    _meet(matter, sen_dates.TELL_PARENT, facts.on, by)
    return []


def _reply(matter: SenMatter, facts: StepFacts, by: User) -> list[str]:
    matter.answered_on = facts.on
    _meet(matter, sen_dates.SCHOOL_REPLY, facts.on, by)
    return ["answered_on"]


Effect = Callable[[SenMatter, StepFacts, User], list[str]]
EFFECTS: dict[SenEvent, Effect] = {
    SenEvent.ANSWER: _answer,
    SenEvent.ASSESS: _assess,
    SenEvent.REFUSE: _assess,
    SenEvent.DRAFT: _draft,
    SenEvent.FINALISE: _finalise,
    SenEvent.PLAN_MEETING: _plan_meeting,
    SenEvent.PEP_BESIDE: _pep_beside,
    SenEvent.HOLD: _hold,
    SenEvent.DECIDE: _decide,
    SenEvent.ISSUE: _issue,
    SenEvent.HAND_OVER: _hand_over,
    SenEvent.TELL_PARENT: _tell_parent,
    SenEvent.ACCEPT: _reply,
    SenEvent.DECLINE: _reply,
}


def _meet(matter: SenMatter, rule_key: str, on: date, by: User) -> None:
    for clock in Clock.objects.filter(matter=matter.key, rule__key=rule_key):
        clocks.meet_clock(clock, on, by=by)


def _day(on: date | None, name: str) -> date:
    if on is None or abs((on - today()).days) > FURTHEST:
        raise ValidationError({name: "Give a day within two years of today"})
    return on


def _council(code: str) -> str:
    if not LocalAuthority.objects.filter(code=code).exists():
        raise ValidationError({"council": "Choose the council that holds the plan"})
    return code
