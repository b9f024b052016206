"""What of a child brings sections into a PEP that not every PEP has, as the record stands on the day it opens.

Whatever the record did not know then may be added to the PEP by anybody who writes in it. An app above this one that records
such a thing says so with ``tells``, and with ``following.bring_in`` when it comes up while a PEP is being written.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from children.enums import SenStatus
from children.hours import full_time
from children.hours import load as load_hours
from children.models import SenRecord
from peps.actions.occasions import Opening, year_group
from peps.enums import PepKind, PepPhase
from peps.layouts import Circumstance
from peps.models import Pep
from virtualschool.rulebook.rules import Book

# Years in which a move to another phase is prepared: the last before Reception, Year 6, Year 9 with its options, Year 11, and
# every year after. That is the shape of England's schools and not a council's choice, so no rule holds it; which moves need a
# decision is the rules ``move.*``.
TRANSITION_YEARS = frozenset({-1, 6, 9, 11, 12, 13})


# Finds those of the children, by primary key, in whose life it is so on a day. One query.
Find = Callable[[Collection[int], date], Iterable[int]]
_FINDERS: dict[Circumstance, Find] = {}


def tells(circumstance: Circumstance) -> Callable[[Find], Find]:
    """Let the record of an app above say in whose life a circumstance holds.

    Raises:
        ValueError: when another has said so already.
    """

    def register(find: Find) -> Find:
        if circumstance in _FINDERS:
            raise ValueError(f"The record tells of {circumstance} already.")
        _FINDERS[circumstance] = find
        return find

    return register


@dataclass(frozen=True)
class Known:
    """What is asked once for many PEPs: who has an education, health and care plan, full-time hours, what other apps tell."""

    with_plan: frozenset[int] = frozenset()
    hours: Book = Book({})
    told: Mapping[Circumstance, frozenset[int]] = field(default_factory=dict)


def known(openings: Sequence[Opening]) -> Known:
    """Two queries and one for each circumstance that another app tells of, however many are opened."""
    if not openings:
        return Known()
    on, children = openings[0].on, [opening.child.pk for opening in openings]
    records = SenRecord.objects.current(on).filter(status=SenStatus.EHCP, child__in=children)
    told = {circumstance: frozenset(find(children, on)) for circumstance, find in _FINDERS.items()}
    return Known(frozenset(records.values_list("child", flat=True)), load_hours(), told)


def of(pep: Pep, opening: Opening, facts: Known) -> frozenset[str]:
    """The circumstances that hold."""
    told = {one.value for one, children in facts.told.items() if opening.child.pk in children}
    return frozenset(one.value for one, holds in HOLDS.items() if holds(pep, opening, facts)) | told


def _previous(pep: Pep, opening: Opening, facts: Known) -> bool:
    return bool(pep.previous_id)


def _transition(pep: Pep, opening: Opening, facts: Known) -> bool:
    return pep.year_group in TRANSITION_YEARS


def _alternative_provision(pep: Pep, opening: Opening, facts: Known) -> bool:
    kinds = f"{pep.school.type_name} {pep.school.type_group}".lower() if pep.school else ""
    return "alternative provision" in kinds or "pupil referral" in kinds


def _reduced_timetable(pep: Pep, opening: Opening, facts: Known) -> bool:
    """Fewer hours offered by the school than the council calls full time, of a child of school age."""
    offered = opening.enrolment.hours_offered if opening.enrolment else None
    if offered is None or pep.phase not in (PepPhase.PRIMARY, PepPhase.SECONDARY):
        return False
    return offered < full_time(year_group(opening), opening.on, facts.hours)


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
