"""Who is asked to a PEP meeting, and why they must come: worked out from the council's rules."""

from dataclasses import dataclass
from datetime import date

from peps.enums import Seat
from peps.models import Pep
from peps.people import CHAIRS, SEATS, People
from virtualschool.accounts.models import User
from virtualschool.rulebook import rules, schoolyear
from virtualschool.rulebook.rules import InForce, Pack

LONGEST = 400


@dataclass(frozen=True)
class Attendee:
    """A seat, who sits on it if they have an account, and the rules that require it."""

    seat: Seat
    user: User | None
    because: str


def attendees(pep: Pep, people: People, on: date, pack: Pack | None = None) -> list[Attendee]:
    """The seats of a meeting held on a day, required ones first; the coordinator is told of it without having to come.

    The rules are ``pep.attendees.always``, ``.by_kind`` and ``.by_year``. A child without a school has no seat for one.

    Args:
        pack: the day's rules on PEPs, where they have been read already.
    """
    pack = pack or rules.pack(on, "pep.attendees")
    reasons: dict[Seat, list[str]] = {}
    for role, why in _required(pep, pack, on):
        reasons.setdefault(SEATS[role], []).append(why)
    reasons.setdefault(Seat.CHILD, [])
    reasons.setdefault(Seat.COORDINATOR, [])
    if pep.school is None:
        reasons.pop(Seat.DESIGNATED_TEACHER, None)
    return [Attendee(seat, people.at(seat), "; ".join(why)[:LONGEST]) for seat, why in reasons.items()]


def chair(pep: Pep, pack: Pack) -> Seat:
    """Who chairs, by the council's rule, which may differ by phase."""
    rule = pack.variant("pep.chair", by="phase", code=pep.phase)
    return CHAIRS[rule.value] if rule else Seat.OTHER


def _required(pep: Pep, pack: Pack, on: date) -> list[tuple[str, str]]:
    year = schoolyear.curriculum_year(pep.child.date_of_birth, on)
    always, by_kind, by_year = (pack.get(f"pep.attendees.{which}") for which in ("always", "by_kind", "by_year"))
    found = [(role, _why("Every PEP meeting", always)) for role in always.value]
    found += [(role, _why(f"Every {pep.get_kind_display()}", by_kind)) for role in by_kind.value.get(pep.kind, [])]
    words = schoolyear.curriculum_year_words(year)
    return found + [(role, _why(words, by_year)) for role in by_year.value.get(str(year), [])]


def _why(words: str, rule: InForce) -> str:
    return f"{words} ({rule.source})"
