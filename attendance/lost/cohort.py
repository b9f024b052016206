"""The ledgers of the children whom a reader reaches, cut by what the list is filtered by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from attendance import figures, groups
from attendance.figures import Span
from attendance.lost import reckoning
from attendance.lost.gathering import Gathered, gather
from attendance.lost.reasons import LOST, OWNERS, Owner, Reason
from attendance.lost.reckoning import Day, Ledger, Place
from attendance.yearbits import Window
from children.models import Child, School
from children.querysets import ChildQuerySet
from virtualschool.accounts.models import User

ANY = "any"


@dataclass(frozen=True)
class Entry:
    """One child's ledger, with the school on whose roll it was on the last day of the time."""

    child_id: int
    place: Place | None
    ledger: Ledger


def spans(on: date) -> dict[str, Span]:
    """This term, this academic year and earlier ones, as far as they can be told: today's marks are still to come."""
    yesterday = on - timedelta(days=1)
    return {
        key: Span(key, span.words, Window(span.window.first, min(span.window.last, yesterday)))
        for key, span in groups.spans(on).items()
    }


def reasons_of(reason: str, owner: str) -> list[Reason]:
    """Those that the filter asks for, and of them those that somebody owns. Without one it is what was lost."""
    asked = list(LOST if reason == ANY or not owner else Reason) if reason in ("", ANY) else [Reason(reason)]
    return [one for one in asked if not owner or Owner(owner) in OWNERS[one]]


def children(user: User, *, phase: str = "", school: str = "") -> ChildQuerySet:
    """The reader's, by phase and by the school on whose roll they are today."""
    found: ChildQuerySet = figures.counted(user)
    if phase:
        found = found.in_phases([phase])
    return found.enrolled_at(School.objects.filter(uuid=school)) if school else found


def entries(found: ChildQuerySet, user: User, window: Window) -> list[Entry]:
    """The ledger of each child of whom anything was expected."""
    known = gather(found, user, window)
    made = [_entry(pk, known, window) for pk in known.facts]
    return [one for one in made if one.ledger.expected.hours]


def _entry(pk: int, known: Gathered, window: Window) -> Entry:
    facts = known.facts[pk]
    days = reckoning.days(facts, window.first, window.last, known.rules)
    return Entry(pk, facts.place(window.last), reckoning.ledger(days))


def kept(found: Iterable[Entry], *, reason: str, owner: str) -> list[Entry]:
    """Those whom the filter asks for, who lost most first."""
    wanted = reasons_of(reason, owner)
    asked = [one for one in found if not (reason or owner) or one.ledger.of(wanted).hours]
    return sorted(asked, key=lambda one: (-one.ledger.of(wanted).hours, one.child_id))


def together(found: Iterable[Entry]) -> Ledger:
    """As if it were one child."""
    return sum((one.ledger for one in found), Ledger())


def of_child(child: Child, user: User, window: Window) -> list[Day]:
    """The school days of one child, told half by half."""
    known = gather(Child.objects.visible_to(user).filter(pk=child.pk), user, window)
    return [
        day for facts in known.facts.values() for day in reckoning.days(facts, window.first, window.last, known.rules)
    ]
