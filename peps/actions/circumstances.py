"""What of a child brings sections into a PEP that not every PEP has, as the record stands on the day it opens.

Whatever the record did not know then may be added to the PEP by anybody who writes in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from children.enums import SenStatus
from children.models import SenRecord
from peps.actions.occasions import Opening
from peps.enums import PepKind, PepPhase
from peps.layouts import Circumstance
from peps.models import Pep
from virtualschool.rulebook import rules

# Years in which a move to another phase is prepared: the last before Reception, Year 6, Year 9 with its options, Year 11, and
# every year after. That is the shape of England's schools and not a council's choice, so no rule holds it; which moves need a
# decision is the rules ``move.*``.
TRANSITION_YEARS = frozenset({-1, 6, 9, 11, 12, 13})


@dataclass(frozen=True)
class Known:
    """What is asked once for many PEPs: who has an education, health and care plan, and how many hours are full time."""

    with_plan: frozenset[int]
    full_time: Decimal


def known(openings: Sequence[Opening]) -> Known:
    """Two queries, however many are opened."""
    if not openings:
        return Known(frozenset(), Decimal(0))
    on = openings[0].on
    records = SenRecord.objects.current(on).filter(status=SenStatus.EHCP)
    plans = records.filter(child__in=[opening.child.pk for opening in openings]).values_list("child", flat=True)
    return Known(frozenset(plans), Decimal(rules.value("attendance.full_time_hours", on=on)))


def of(pep: Pep, opening: Opening, facts: Known) -> frozenset[str]:
    """The circumstances that hold."""
    return frozenset(one.value for one, holds in HOLDS.items() if holds(pep, opening, facts))


def _previous(pep: Pep, opening: Opening, facts: Known) -> bool:
    return bool(pep.previous_id)


def _transition(pep: Pep, opening: Opening, facts: Known) -> bool:
    return pep.year_group in TRANSITION_YEARS


def _alternative_provision(pep: Pep, opening: Opening, facts: Known) -> bool:
    kinds = f"{pep.school.type_name} {pep.school.type_group}".lower() if pep.school else ""
    return "alternative provision" in kinds or "pupil referral" in kinds


def _reduced_timetable(pep: Pep, opening: Opening, facts: Known) -> bool:
    """Fewer hours than the council calls full time, of a child of school age."""
    hours = opening.enrolment.hours_offered if opening.enrolment else None
    return hours is not None and pep.phase in (PepPhase.PRIMARY, PepPhase.SECONDARY) and hours < facts.full_time


def _not_on_roll(pep: Pep, opening: Opening, facts: Known) -> bool:
    """An interim PEP, or any other of a child without a school. Below school age no place is owed."""
    return pep.kind == PepKind.NOT_ON_ROLL or (pep.school is None and pep.phase != PepPhase.EARLY_YEARS)


def _unaccompanied(pep: Pep, opening: Opening, facts: Known) -> bool:
    child = opening.child
    return child.is_unaccompanied and (child.unaccompanied_until is None or child.unaccompanied_until > opening.on)


def _ehc_plan(pep: Pep, opening: Opening, facts: Known) -> bool:
    return pep.kind == PepKind.SEN_JOINED or opening.child.pk in facts.with_plan


HOLDS: dict[Circumstance, Callable[[Pep, Opening, Known], bool]] = {
    Circumstance.PREVIOUS: _previous,
    Circumstance.TRANSITION: _transition,
    Circumstance.ALTERNATIVE_PROVISION: _alternative_provision,
    Circumstance.REDUCED_TIMETABLE: _reduced_timetable,
    Circumstance.NOT_ON_ROLL: _not_on_roll,
    Circumstance.UNACCOMPANIED: _unaccompanied,
    Circumstance.EHC_PLAN: _ehc_plan,
}
