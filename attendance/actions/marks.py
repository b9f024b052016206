"""What people do with marks. Feeds come in through ``attendance.imports``."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance import codes
from attendance.marking import SCHOOL, record_marks
from attendance.models import AttendanceDay
from attendance.policies import marks as policies
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require

Pair = tuple[str | None, str | None]


@transaction.atomic
def enter_marks(*, on: date, marks: Mapping[int, Pair], by: User) -> int:
    """Enter the school's marks of one day: for each child, by primary key, the morning's code and the afternoon's; None says nothing.

    What the school entered before is corrected, and its history kept; what another source says is listed beside it.

    Returns:
        how many sessions have another mark than before.

    Raises:
        Refused: when ``by`` may not mark one of the children on that day.
        ValidationError: for a day to come, or a code that is not in use on the day.
    """
    require(policies.can_mark_children(by, marks.keys(), on))
    if on > today():
        raise ValidationError("This day is to come: it has no marks yet.")
    for code in {code for pair in marks.values() for code in pair if code is not None}:
        problem = codes.problem(code, on)
        if problem:
            raise ValidationError(f"{code}: {problem}")
    held = held_marks(marks.keys(), on)
    new = {pk: pair for pk, pair in ((pk, _new(pair, held.get(pk))) for pk, pair in marks.items()) if any(pair)}
    record_marks(((pk, on, *pair) for pk, pair in marks.items()), source=SCHOOL, by=by)
    for child in Child.objects.filter(pk__in=new).order_by("pk"):
        record(
            "attendance.marked", by=by, subject=child, data={"on": on, "am": new[child.pk][0], "pm": new[child.pk][1]}
        )
    return sum(code is not None for pair in new.values() for code in pair)


def held_marks(children: Iterable[int], on: date) -> dict[int, Pair]:
    """The accepted codes of the day by child."""
    rows = AttendanceDay.objects.filter(child__in=list(children), date=on).values_list("child_id", "am", "pm")
    return {pk: (_code(am), _code(pm)) for pk, am, pm in rows}


def _code(letter: str | None) -> str | None:
    return codes.BY_LETTER[letter].code if letter else None


def _new(given: Pair, held: Pair | None) -> Pair:
    """What of the given pair is not held already."""
    am, pm = held or (None, None)
    return (given[0] if given[0] != am else None, given[1] if given[1] != pm else None)
