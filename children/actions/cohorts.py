"""Figures on children with a social worker and in kinship care. There is no record of one of them, so there is no such action."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.actions.common import not_to_come
from children.models import CohortFigure
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.verdicts import require


@transaction.atomic
def record_figure(
    *, cohort: str, measure: str, area: str, on: date, count: int, by: User, out_of: int | None = None, source: str = ""
) -> CohortFigure:
    """Keep a figure as at a day; the same measure, area and day again corrects it.

    Raises:
        Refused: when ``by`` does not work with these figures.
        ValidationError: when the day is to come, or more were counted than there are.
    """
    require(policies.can_read_figures(by))
    not_to_come(on, "The figure must be of today or before.")
    if out_of is not None and count > out_of:
        raise ValidationError({"count": "This cannot be more than the number it is out of."})
    figure, _ = CohortFigure.objects.update_or_create(
        cohort=cohort,
        measure=measure,
        area=area,
        on=on,
        defaults={"count": count, "out_of": out_of, "source": source},
    )
    record("cohort_figure.recorded", by=by, subject=figure, data={"measure": measure, "area": area, "on": on})
    return figure
