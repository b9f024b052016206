"""What must be settled before a child starts at a school or goes to live elsewhere, asked of the apps above that know of it.

An app registers a look with ``@stops_enrolment`` or ``@stops_placement``; the actions of the roll ask under the child's lock, so
that no page, import or stale form goes round a stop. With none registered nothing is stopped. The service itself (``by`` None in
an action) is not asked: what it writes has happened already.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from children.models import CarePlacement, Child, Enrolment, School
from virtualschool.accounts.models import User
from virtualschool.kernel.verdicts import ALLOW, Verdict


@dataclass(frozen=True)
class SchoolStep:
    """A school place about to begin: a main one, or any while there is no main one. ``year_group`` where the child is to be taught in another year than that of their age.

    ``by`` is who does it; None is an import that nobody in the service has started.
    """

    child: Child
    school: School
    start: date
    year_group: int | None
    by: User | None
    main: bool = True  # False: beside a main school that goes on
    place: Enrolment | None = None  # one that is planned already, where only its day would be another


@dataclass(frozen=True)
class PlacementStep:
    """A change of care placement about to be recorded. ``education`` is an ``EducationAnswer``, or blank where none was needed."""

    child: Child
    on: date
    education: str
    by: User | None
    placement: CarePlacement | None = None  # the one on record, where only its answer would be another


EnrolmentLook = Callable[[SchoolStep], Verdict]
PlacementLook = Callable[[PlacementStep], Verdict]

ENROLMENT_LOOKS: list[EnrolmentLook] = []
PLACEMENT_LOOKS: list[PlacementLook] = []

# Told of a change of care placement once it is on record, in the same transaction: what let it pass is used by it.
PlacementNote = Callable[[PlacementStep], None]
PLACEMENT_NOTES: list[PlacementNote] = []


def stops_enrolment(look: EnrolmentLook) -> EnrolmentLook:
    """Ask ``look`` before every main school place that a person begins."""
    ENROLMENT_LOOKS.append(look)
    return look


def stops_placement(look: PlacementLook) -> PlacementLook:
    """Ask ``look`` before every change of care placement that a person records."""
    PLACEMENT_LOOKS.append(look)
    return look


def notes_placement(note: PlacementNote) -> PlacementNote:
    """Tell ``note`` of every change of care placement that was recorded, or answered, whoever did."""
    PLACEMENT_NOTES.append(note)
    return note


def placement_recorded(step: PlacementStep, placement: CarePlacement) -> None:
    """The step has happened."""
    for note in PLACEMENT_NOTES:
        note(replace(step, placement=placement))


def before_enrolment(step: SchoolStep) -> Verdict:
    """The first refusal, or yes."""
    return _first_refusal(look(step) for look in ENROLMENT_LOOKS)


def before_placement(step: PlacementStep) -> Verdict:
    """The first refusal, or yes."""
    return _first_refusal(look(step) for look in PLACEMENT_LOOKS)


def _first_refusal(verdicts: Iterable[Verdict]) -> Verdict:
    return next((verdict for verdict in verdicts if not verdict), ALLOW)
