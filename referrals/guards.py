"""What a school move case must have settled before the roll begins a place or a change of care placement (``children.stops``).

Asked under the child's lock by every way in. What has happened is never refused: it is recorded in a case as an emergency, or
kept as the council's file has it and told by the night.
"""

from datetime import date, timedelta

from django.db.models import F, Q

from children import judgements
from children.closures import names_of
from children.enums import EducationAnswer
from children.models import Clock
from children.moving import move_from, same_school
from children.stops import PlacementStep, SchoolStep, notes_placement, stops_enrolment, stops_placement
from referrals import workflow
from referrals.actions.moves import EDUCATION
from referrals.enums import Destination, MoveState, StopKey
from referrals.models import MoveDecision, ProposedSchool, SchoolMove
from referrals.moving.gathering import leaving, outlook_of
from referrals.moving.stops import DEVON, REGULATION_10, Outlook, Stop, needs_nominated_officer
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules, schoolyear

CASE = "Open a school move case: an approved one lets the child start here. Where it could not wait, the case says so and an account follows."
APPROVAL_HOLDS = "move.approval_holds"
ANEW = "Take the case back and propose it anew."


@stops_enrolment
def before_school(step: SchoolStep) -> Verdict:
    """A move, a school below the line, or another year group than that of the child's age goes through a case."""
    why = _why_a_case(step)
    if why is None:
        return ALLOW
    proposed = _proposed(step)
    if proposed is None:
        return refuse(f"{why.reason} {CASE}", why.source)
    return _still_covered(proposed, step)


@stops_placement
def before_placement(step: PlacementStep) -> Verdict:
    """In Years 10 and 11 a change that disrupts education waits for the nominated officer, unless it is an emergency (regulation 10)."""
    if not _waits_for_officer(step) or _approval_for(step) is not None:
        return ALLOW
    year = schoolyear.curriculum_year(step.child.date_of_birth, step.on)
    words = (
        f"In Year {year} a change of care placement that disrupts education does not take effect until the nominated officer has "
        "approved it. Open a school move case, or say that it is an emergency."
    )
    return refuse(words, REGULATION_10)


@notes_placement
def use_approval(step: PlacementStep) -> None:
    """The approval that let a care placement pass is used by it, and stays used whatever is answered later."""
    case = _approval_for(step) if _waits_for_officer(step) else None
    if case is not None and case.placement is None:
        case.placement = step.placement
        case.save(update_fields=["placement"])


def _waits_for_officer(step: PlacementStep) -> bool:
    if step.education not in (EducationAnswer.DISTURBED, EducationAnswer.MOVES):
        return False
    year = schoolyear.curriculum_year(step.child.date_of_birth, step.on)
    return needs_nominated_officer(year, rules.pack(step.on, "move."))


def _approval_for(step: PlacementStep) -> SchoolMove | None:
    """The case whose approval covers the step: given by the day, for that time, and used by no other care placement.

    A case that was closed as complete before the placement was recorded counts; one that was withdrawn does not.
    """
    free = (
        Q(placement__isnull=True) if step.placement is None else Q(placement__isnull=True) | Q(placement=step.placement)
    )
    cases = SchoolMove.objects.filter(
        free,
        child=step.child,
        changes_care=True,
        decided_on__lte=step.on,
        state__in=(*workflow.MOVE_PERMITTED, MoveState.ON_ROLL, MoveState.COMPLETE),
    )
    if step.education == EducationAnswer.MOVES:
        cases = cases.exclude(destination=Destination.SAME)
    found = cases.select_related("child").order_by(
        F("placement").desc(nulls_last=True), "-pk"
    )  # the one it has used already first
    return next((case for case in found if _approval_of(case, nominated=True) and _holds(case, step.on)), None)


def _why_a_case(step: SchoolStep) -> Verdict | None:
    """The first reason why this start needs a case; None where it needs none."""
    if step.main and move_from(step.child, step.school, step.start, besides=step.place) is not None:
        return refuse("This is a change of school.", DEVON)
    own = schoolyear.curriculum_year(step.child.date_of_birth, step.start)
    if step.year_group is not None and step.year_group != own:
        rule = rules.get("move.out_of_year", on=step.start)
        return refuse("The child would be taught out of the year group of their age.", rule.source)
    stands = judgements.standing(step.school, step.start)
    if stands.below:
        return refuse(f"The school stands below the line. {stands.words}", stands.rule.source)
    return None


def _proposed(step: SchoolStep) -> ProposedSchool | None:
    """The school as an approved or emergency case proposes it, also under the name that it had before."""
    rows = ProposedSchool.objects.select_related("school", "move__child", "move__from_place__school")
    permitted = Q(move__state__in=workflow.MOVE_PERMITTED)
    if step.place is not None:
        permitted |= Q(move__state=MoveState.ON_ROLL, move__new_place=step.place)
    return rows.filter(
        permitted,
        move__child=step.child,
        move__destination=Destination.SCHOOL,
        school__in=names_of(step.school, step.start),
    ).first()


def _still_covered(proposed: ProposedSchool, step: SchoolStep) -> Verdict:
    """What was decided holds for this start: the same year taught, and no stop that the decision did not know."""
    case = proposed.move
    own = schoolyear.curriculum_year(step.child.date_of_birth, step.start)
    if _year(step.year_group, own) != _year(proposed.year_group, own):
        return refuse("The case proposes this school for another year group. Take it back and change it.", DEVON)
    if case.emergency and step.start > _emergency_until(case):
        words = "An emergency covers a start without delay, not one that can be planned. Propose a move for it."
        return refuse(words, REGULATION_10)
    stands = judgements.standing(step.school, step.start)
    if stands.below and proposed.school_id != step.school.pk:
        return refuse(
            f"{proposed.school.name} has become {step.school.name}. {stands.words} {ANEW}", stands.rule.source
        )
    holds = ALLOW if case.emergency else _holds(case, step.start)
    case.wanted_on = step.start
    ahead = outlook_of(case)
    stop = next((one for one in ahead.stops if _stands(one, ahead, case)), None)
    if stop is not None:
        return refuse(f"{stop.reason} {ANEW}", stop.source)
    return holds if case.emergency or not step.main else holds & _same_school_left(case)


def _holds(case: SchoolMove, on: date) -> Verdict:
    """An approval is for the year in which the child would be, and for the time around the day that was wanted."""
    decision = MoveDecision.objects.filter(move=case).order_by("-pk").first()
    wanted = (decision and decision.wanted_on) or case.wanted_on
    birth = case.child.date_of_birth
    year = decision.year if decision and decision.year is not None else schoolyear.curriculum_year(birth, wanted)
    if schoolyear.curriculum_year(birth, on) != year:
        return refuse(f"The move was approved for {schoolyear.curriculum_year_words(year)}. {ANEW}", DEVON)
    rule = rules.get(APPROVAL_HOLDS, on=wanted)
    if on > wanted + timedelta(days=rule.value):
        words = f"The move was approved for {long_date(wanted)}, and an approval holds for {rule.value} days after that. {ANEW}"
        return refuse(words, rule.source)
    return ALLOW


def _same_school_left(case: SchoolMove) -> Verdict:
    """Nobody asked whether another school than that of the case could be kept, nor its designated teacher."""
    left = leaving(case)
    if left is None or same_school(case.from_place, left):
        return ALLOW
    known = case.from_place.school.name if case.from_place else "no school"
    words = f"The case was decided for a child at {known}. The move would be from {left.school.name}."
    return refuse(f"{words} {ANEW}", REGULATION_10)


def _year(taught: int | None, own: int) -> int:
    return own if taught is None else taught


def _emergency_until(case: SchoolMove) -> date:
    """The last day on which education after the emergency may begin: its clock's, or a month where the terms are not known.

    Late as it is, a place that can be had today is never refused for that.
    """
    clock = Clock.objects.filter(matter=case.matter, rule__key=EDUCATION).first()
    known = clock.due_on if clock else None
    return max(known or (case.acted_on or case.opened_on) + timedelta(days=28), today())


def _stands(stop: Stop, ahead: Outlook, case: SchoolMove) -> bool:
    if stop.key in (StopKey.HOME, StopKey.OUT_OF_YEAR, StopKey.LINE):
        return not stop.settled
    if ahead.facts.emergency:
        return False
    if stop.key == StopKey.NOMINATED:
        return not _approval_of(case, nominated=True)
    if stop.key == StopKey.HEAD:
        return not (_approval_of(case, covering=StopKey.HEAD) or _approval_of(case, nominated=True))
    return False


def _approval_of(case: SchoolMove, *, nominated: bool = False, covering: str = "") -> bool:
    """Whether the decision that stands approved the case in that capacity; to take a case back ends what was decided of it."""
    if case.decided_on is None:
        return False
    last = MoveDecision.objects.filter(move=case).order_by("-pk").first()
    if last is None or not last.approved:
        return False
    return (not nominated or last.nomination_id is not None) and (not covering or covering in last.covered)
