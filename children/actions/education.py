"""Saying later what a change of care placement means for the child's school, where a return brought the placement without it."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import alerts, policies, schooling, stops
from children.actions.common import locked
from children.models import CarePlacement, Child
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.jobs.events import emit
from virtualschool.kernel.verdicts import Conflict, require


@transaction.atomic
def answer_education(*, placement: CarePlacement, education: str, was: str, by: User) -> CarePlacement:
    """Answer for the placement in which the child lives now. What a return brought has happened, so nothing holds the answer up;
    another answer than the one that stands is held up by what would have held up the placement itself.

    Args:
        was: the answer that the person saw.

    Raises:
        Refused: when ``by`` does not work with the child, or something must be settled first (``children.stops``).
        Conflict: when the child lives elsewhere by now, or somebody else answered meanwhile.
        ValidationError: at ``education``, without an answer, or with the one that stands.
    """
    child = locked(placement.child)
    require(policies.can_answer_education(by, child))
    row = present(child)
    if row is None or row.pk != placement.pk:
        raise Conflict("Where the child lives has changed since. Look at the child’s page.")
    if row.education != was:
        raise Conflict("Somebody has answered this since the page was opened.")
    _refuse_none(row, education)
    step = stops.PlacementStep(child, row.start, education, by, row)
    if row.education:
        require(stops.before_placement(step))
    row.education = education
    row.save(update_fields=["education"])
    stops.placement_recorded(step, row)
    alerts.resolve(check_name=schooling.UNANSWERED, natural_key=schooling.natural_key(row.pk))
    _tell(row, was, by)
    return row


def present(child: Child) -> CarePlacement | None:
    """The care placement that has no end."""
    place: CarePlacement | None = CarePlacement.objects.filter(child=child, end__isnull=True).first()
    return place


def _refuse_none(row: CarePlacement, education: str) -> None:
    day: date = row.start
    if not schooling.is_asked(row.child.date_of_birth, day):
        raise ValidationError(f"This is asked of children {schooling.AGES}: the child was none on that day.")
    if schooling.answer(row.child, day, education, needed=True) == row.education:
        raise ValidationError({"education": "This is the answer already"})


def _tell(row: CarePlacement, was: str, by: User) -> None:
    data = {"from": was, "to": row.education}
    event = record("care.education_answered", by=by, subject=row, data=data)
    facts = {"child": row.child_id, "placement": row.pk, "education": row.education, "on": row.start.isoformat()}
    emit("placement.education_answered", key=f"placement.education_answered:{row.pk}:{event.pk}", data=facts)
