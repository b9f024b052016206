"""The night's view of school moves: flagged years, drift, emergencies without an account or education, moves without a case."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from children.checks.registry import Finding, check
from children.enums import MAIN_SCHOOL, EducationAnswer
from children.evidence import evidence, fact
from children.models import CarePlacement, Clock, Enrolment, PeriodOfCare
from children.moving import day_of, left_over, moves_among
from referrals import workflow
from referrals.actions.moves import ACCOUNT, EDUCATION
from referrals.enums import Destination, MoveState
from referrals.models import SchoolMove
from referrals.moving.lost import lost_of
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.schoolyear import words

FLAGGED = "move.flagged_year"
DRIFTING = "move.drifting"
UNACCOUNTED = "move.account_overdue"
NO_EDUCATION = "move.education_overdue"
WITHOUT_CASE = "move.without_case"
UNAPPROVED = "move.placement_without_approval"
DISRUPTS = (EducationAnswer.DISTURBED, EducationAnswer.MOVES)


@check(FLAGGED, words="A move in a year in which moves are avoided", rule="move.flag_years")
def flagged_year(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Cases that stand open, of children who are in such a year on the day they would move."""
    years = set(rules.value("move.flag_years", on=on)) | set(rules.value("move.nominated_officer_years", on=on))
    for move in _open(on, children):
        year = schoolyear.curriculum_year(move.child.date_of_birth, move.wanted_on)
        if move.state != MoveState.DRAFT and move.changes_school and year in years:
            sentence = f"A school move in Year {year} is {move.get_state_display()}"
            yield Finding(move.child_id, move.matter, evidence(sentence, _opened(move)))


@check(DRIFTING, words="A school move that drifts", rule=DRIFTING)
def drifting(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Cases that have stood in one state for longer than the rule lets them; with the school days lost so far.

    What is offered, or planned on the roll, waits for its day and does not drift before it.
    """
    rule = rules.get(DRIFTING, on=on)
    known = calendars.load()
    latest = known.working_days().latest_start(rule.value, due_before=on + timedelta(days=1))
    found = _open(on, children).select_related("child", "new_place")
    late = [move for move in found if latest is not None and _stands_since(move) <= latest]
    lost = lost_of(late, on, known) if late else {}
    for move in late:
        sentence = f"The school move has been “{move.get_state_display()}” since {words(move.since)}"
        more = f"; {lost[move.pk].words}" if lost[move.pk].days else ""
        facts = [_opened(move), fact(move.since, f"It became “{move.get_state_display()}”", move.get_absolute_url())]
        yield Finding(
            move.child_id,
            f"{move.matter}:{move.since}",
            evidence(sentence + more, *facts, basis=str(move.since)),
            rule.pk,
        )


@check(UNACCOUNTED, words="An emergency move without an account", rule=ACCOUNT)
def unaccounted(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Emergencies whose account is overdue."""
    told = Q(accounted_on__isnull=True) | Q(accounted_on__gt=on)
    yield from _overdue(ACCOUNT, SchoolMove.objects.filter(told, child__in=children), on, "Acted on")


@check(NO_EDUCATION, words="No education after an emergency move", rule=EDUCATION)
def no_education(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Emergencies whose child had begun at no new school when education was due."""
    nowhere = Q(new_place__isnull=True) | Q(new_place__start__gt=on)
    yield from _overdue(EDUCATION, _open(on, children).filter(nowhere), on, "Moved")


@check(WITHOUT_CASE, words="A change of school without a case", rule="move.unaccounted")
def without_case(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Changes of school of the last months that no case led to: as an import or the roll has them, and nobody approved them.

    An emergency's account explains the move away from its own school, and no other.
    A second place is one from the day on which it is all that is left of two.
    """
    rule = rules.get("move.unaccounted", on=on)
    since = on - timedelta(days=rule.value)
    cases = SchoolMove.objects.filter(new_place=OuterRef("pk"))
    places = Enrolment.objects.filter(~Exists(cases), child__in=children, start__lte=on)
    explained = _accounted(on, children).exclude(destination=Destination.SAME)
    accounted_for = set(explained.filter(from_place__isnull=False).values_list("from_place", flat=True))
    recent = places.main().filter(start__gt=since, start__gte=F("child__known_from"))
    permitted = SchoolMove.objects.filter(
        child=OuterRef("child"), state__in=workflow.MOVE_PERMITTED, schools__school=OuterRef("school")
    )
    alone = places.current(on).filter(~Exists(permitted)).exclude(kind__in=MAIN_SCHOOL)
    for place, left in [*moves_among(recent), *left_over(alone, on)]:
        day = day_of(place, left)
        if day <= since or day < place.child.known_from or left.pk in accounted_for:
            continue
        sentence = (
            f"Moved from {left.school.name} to {place.school.name} on {words(day)}, and no case says who approved it"
        )
        facts = [fact(day, f"On the roll of {place.school.name}", place.school.get_absolute_url())]
        yield Finding(place.child_id, f"enrolment:{place.pk}", evidence(sentence, *facts), rule.pk)


@check(UNAPPROVED, words="A change of care placement without the nominated officer", rule="move.unaccounted")
def placement_without_approval(*, on: date, children: QuerySet[Any]) -> Iterable[Finding]:
    """Changes of care placement of the last months that disrupt education in Years 10 and 11 (regulation 10), as a return or an answer
    after the fact has them, under no approval. The account of an emergency of that day explains one; where care began nothing changed.
    """
    rule = rules.get("move.unaccounted", on=on)
    years = rules.value("move.nominated_officer_years", on=on)
    of_child = {"child": OuterRef("child")}
    approved = SchoolMove.objects.filter(placement=OuterRef("pk"))
    explained = _accounted(on, children).filter(acted_on=OuterRef("start"), changes_care=True, **of_child)
    began = PeriodOfCare.objects.filter(start=OuterRef("start"), **of_child)
    places = CarePlacement.objects.filter(
        ~Exists(approved),
        ~Exists(explained),
        ~Exists(began),
        child__in=children,
        education__in=DISRUPTS,
        start__gt=on - timedelta(days=rule.value),
        start__lte=on,
    )
    for place in places.select_related("child").order_by("pk"):
        year = schoolyear.curriculum_year(place.child.date_of_birth, place.start)
        if year in years:
            sentence = (
                f"The care placement changed on {words(place.start)}, in Year {year}, which disrupts education, "
                "and no nominated officer had approved it"
            )
            facts = [fact(place.start, "Another care placement", place.child.get_absolute_url())]
            yield Finding(place.child_id, f"placement:{place.pk}", evidence(sentence, *facts), rule.pk)


def _accounted(on: date, children: QuerySet[Any]) -> QuerySet[SchoolMove]:
    """Cases in which somebody accounted for a child who had to move at once."""
    return SchoolMove.objects.filter(child__in=children, acted_on__isnull=False, accounted_on__lte=on)


def _open(on: date, children: QuerySet[Any]) -> QuerySet[SchoolMove]:
    """Open at the end of the day, as far as the case still says it."""
    still = Q(state__in=workflow.MOVE_OPEN) | Q(ended_on__gt=on)
    return (
        SchoolMove.objects.filter(still, child__in=children, opened_on__lte=on).select_related("child").order_by("pk")
    )


def _overdue(rule_key: str, moves: QuerySet[SchoolMove], on: date, what: str) -> Iterable[Finding]:
    """Those whose clock of the rule has run out, each under the version that held when it started."""
    acted = list(moves.filter(acted_on__lte=on).select_related("child").order_by("pk"))
    rows = Clock.objects.filter(rule__key=rule_key, due_on__lt=on, matter__in=[move.matter for move in acted])
    late = {clock.matter: clock for clock in rows}
    for move in acted:
        clock = late.get(move.matter)
        if clock is not None:
            facts = [
                fact(move.acted_on, what, move.get_absolute_url()),
                fact(clock.due_on, "Due", clock.get_absolute_url()),
            ]
            sentence = f"{clock.about}: it was due by {words(clock.due_on)}"
            yield Finding(move.child_id, move.matter, evidence(sentence, *facts), rule_id=clock.rule_id)


def _stands_since(move: SchoolMove) -> date:
    if move.state == MoveState.ON_ROLL and move.new_place is not None:
        return max(move.since, move.new_place.start)
    return max(move.since, move.wanted_on) if move.state == MoveState.OFFERED else move.since


def _opened(move: SchoolMove) -> dict[str, str]:
    return fact(move.opened_on, "The case was opened", move.get_absolute_url())
