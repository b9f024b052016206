"""What people do with marks. Feeds come in through ``attendance.imports``."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from attendance import codes
from attendance.actions import asking
from attendance.enums import Session
from attendance.marking import SCHOOL, record_marks
from attendance.models import AttendanceDay
from attendance.policies import marks as policies
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import require

Pair = tuple[str | None, str | None]
Half = tuple[int, date, str]  # the child's primary key, the day, the session


@dataclass(frozen=True)
class Entered:
    """How many sessions got another mark, and those left alone because somebody else marked them meanwhile, with what they hold now."""

    saved: int
    meanwhile: dict[Half, str | None] = field(default_factory=dict)


@transaction.atomic
def enter_changes(*, chosen: Mapping[Half, str], shown: Mapping[Half, str], by: User) -> Entered:
    """Enter the school's marks of one day or several, as a page sends them: only what is another than the page had shown.

    Args:
        chosen: the code of each session, empty for none: an empty one says nothing and takes no mark away.
        shown: the codes that the page was drawn with. Where a mark is another by now it stays, and the answer tells of it.

    Raises:
        Refused: when ``by`` may not mark one of the children on one of the days.
        ValidationError: for a day to come, or a code that is not in use on the day.
    """
    changed = {half: code for half, code in chosen.items() if code and code != shown.get(half, "")}
    children = {child for child, _, _ in changed}
    # Without the key: a feed at the same moment lists its differences beside these children, and neither waits for the other.
    list(Child.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=children).order_by("pk"))
    held = {on: held_marks(children, on) for on in sorted({on for _, on, _ in changed})}
    days: dict[date, dict[int, Pair]] = defaultdict(dict)
    meanwhile = {}
    for (child, on, session), code in changed.items():
        now = held[on].get(child, (None, None))[session == Session.PM]
        if now != code and (now or "") != shown.get((child, on, session), ""):
            meanwhile[child, on, session] = now
        elif now != code:
            am, pm = days[on].get(child, (None, None))
            days[on][child] = (code, pm) if session == Session.AM else (am, code)
    return Entered(_enter(days, by), meanwhile)


@transaction.atomic
def enter_marks(*, on: date, marks: Mapping[int, Pair], by: User) -> int:
    """Enter the school's marks of one day: for each child, by primary key, the morning's code and the afternoon's; None says nothing.

    What the school entered before is corrected, and its history kept; what another source says is listed beside it. An absence that
    nobody has explained is asked about at once.

    Returns:
        how many sessions have another mark than before.

    Raises:
        Refused: when ``by`` may not mark one of the children on that day.
        ValidationError: for a day to come, or a code that is not in use on the day.
    """
    return _enter({on: marks}, by)


def _enter(days: Mapping[date, Mapping[int, Pair]], by: User) -> int:
    """Take the days in together: marks come in before their years are counted, as every feed has it, so that two at once take turns."""
    for on, marks in days.items():
        _refuse(on, marks, by)
    new = {on: _changed(marks, held_marks(marks.keys(), on)) for on, marks in sorted(days.items())}
    rows = [(pk, on, *pair) for on, marks in days.items() for pk, pair in marks.items()]
    record_marks(rows, source=SCHOOL, by=by)
    asking.follow(rows)
    for on, pairs in new.items():
        for child in Child.objects.filter(pk__in=pairs).order_by("pk"):
            am, pm = pairs[child.pk]
            record("attendance.marked", by=by, subject=child, data={"on": on, "am": am, "pm": pm})
    return sum(code is not None for pairs in new.values() for pair in pairs.values() for code in pair)


def _refuse(on: date, marks: Mapping[int, Pair], by: User) -> None:
    require(policies.can_mark_children(by, marks.keys(), on))
    if on > today():
        raise ValidationError("This day is to come: it has no marks yet.")
    for code in {code for pair in marks.values() for code in pair if code is not None}:
        problem = codes.problem(code, on)
        if problem:
            raise ValidationError(f"{code}: {problem}")


def _changed(marks: Mapping[int, Pair], held: Mapping[int, Pair]) -> dict[int, Pair]:
    """What of the marks is not held already, of those children of whom anything is."""
    pairs = ((pk, _new(pair, held.get(pk))) for pk, pair in marks.items())
    return {pk: pair for pk, pair in pairs if any(pair)}


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
