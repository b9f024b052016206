"""Which PEP a child is to have, on which occasion and by when: entering care, a term, another school."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from children import codes
from children.clocks import Case
from children.enums import MAIN_SCHOOL
from children.models import Child, Enrolment, PeriodOfCare
from peps.enums import PepKind
from peps.models import Pep
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars, rules, schoolyear
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.schoolyear import Term


@dataclass(frozen=True)
class Opening:
    """One PEP to open: for whom, on which occasion, why, and when its meeting is due.

    ``rule_key`` names the rule whose clock runs from ``on``; without it ``due_on`` is the due date.
    """

    child: Child
    period_id: int
    kind: PepKind
    occasion: str
    why: str
    on: date
    term: Term
    due_on: date
    rule_key: str = ""
    case: Case | None = None
    enrolment: Enrolment | None = None


def initial(period: PeriodOfCare, start: date) -> Opening | None:
    """The first PEP of a time in care, or None where there is no such duty."""
    if period.short_breaks or period.end is not None:
        return None
    child, known = period.child, calendars.load()
    term = known.term_of(start)
    if _before_go_live(child, start, term, known) or not of_pep_age(child, start):
        return None
    status = period.episodes.order_by("start").values_list("legal_status", flat=True).last() or ""
    deadline = rules.variant("pep.initial.deadline", by="legal_status", code=status, on=start)
    if deadline is None or status in rules.value("pep.none_for_legal_status", on=start):
        return None
    return Opening(
        child,
        period.pk,
        PepKind.INITIAL,
        f"initial:{period.pk}" if start == period.start else f"initial:{period.pk}:{start}",
        "The child came into care",
        start,
        term,
        start,
        rule_key="pep.initial.deadline",
        case=Case("legal_status", status),
        enrolment=enrolments([child.pk], max(start, today())).get(child.pk),
    )


def new_school(enrolment: Enrolment, period: PeriodOfCare) -> Opening | None:
    """The PEP for another school, or None for a child who is not of PEP age."""
    if not of_pep_age(enrolment.child, enrolment.start):
        return None
    return Opening(
        enrolment.child,
        period.pk,
        PepKind.NEW_SCHOOL,
        f"school:{enrolment.pk}",
        "The child started at another school",
        enrolment.start,
        calendars.load().term_of(enrolment.start),
        enrolment.start,
        rule_key="pep.new_school",
        enrolment=enrolment,
    )


def termly(children: list[Child], periods: dict[int, PeriodOfCare], term: Term, on: date) -> list[Opening]:
    """The term's PEP of each child whose time in care is given."""
    due, places = cutoff(term), enrolments([child.pk for child in children], on)
    return [
        Opening(
            child,
            periods[child.pk].pk,
            PepKind.REVIEW,
            term_occasion(term),
            f"A PEP for the {str(term).lower()}",
            on,
            term,
            due if child.known_from <= due else term.end - timedelta(days=1),
            enrolment=places.get(child.pk),
        )
        for child in children
        if child.pk in periods
    ]


def by_hand(child: Child, kind: PepKind, why: str, due_on: date, on: date) -> Opening:
    """One that a coordinator opens: at most one of a kind each term."""
    term = calendars.load().term_of(on)
    period = PeriodOfCare.objects.filter(child=child).current(on).get()
    occasion = term_occasion(term) if kind == PepKind.REVIEW else f"{kind.value}:{term.academic_year}:{term.name.value}"
    place = enrolments([child.pk], on).get(child.pk)
    return Opening(child, period.pk, kind, occasion, why, on, term, due_on, enrolment=place)


def without_pep(children: QuerySet[Child], term: Term, on: date) -> list[Child]:
    """Of these, the children in care and of PEP age with no PEP in the term, here or, before go-live, elsewhere."""
    youngest = schoolyear.anniversary(on, -rules.value("pep.start_age", on=on))
    oldest = schoolyear.anniversary(on, -rules.value("pep.end", on=on))
    having = Pep.objects.standing().in_term(*term.key).values("child")
    found = Child.objects.counted(on).filter(pk__in=children.values("pk"))
    found = found.filter(date_of_birth__lte=youngest, date_of_birth__gt=oldest)
    before = found.filter(last_pep_before_go_live__gte=term.start).values("pk")
    return list(found.exclude(pk__in=having).exclude(pk__in=before).order_by("pk"))


def cutoff(term: Term) -> date:
    """The last day of a term's PEP meetings, by the council's rule."""
    month, day = rules.value("pep.term_cutoff", on=term.start)[term.name.value].split("-")
    year = term.academic_year if int(month) >= 9 else term.academic_year + 1
    return date(year, int(month), int(day))


def of_pep_age(child: Child, on: date) -> bool:
    """From the birthday of rule ``pep.start_age`` until that of ``pep.end``."""
    first, last = rules.value("pep.start_age", on=on), rules.value("pep.end", on=on)
    return bool(first <= schoolyear.age(child.date_of_birth, on) < last)


def care_began(period: PeriodOfCare) -> date:
    """From when the duty runs: the day care started, or that on which a series of short breaks last became care in full."""
    began, before = period.start, ""
    for start, status in period.episodes.order_by("start").values_list("start", "legal_status"):
        if before in codes.SHORT_BREAKS and status not in codes.SHORT_BREAKS:
            began = start
        before = status
    return began


def enrolments(children: list[int], on: date) -> dict[int, Enrolment]:
    """Each child's school on the day."""
    rows = Enrolment.objects.filter(child__in=children, kind__in=MAIN_SCHOOL).current(on).select_related("school")
    return {row.child_id: row for row in rows}


def year_group(opening: Opening) -> int:
    """The national curriculum year the child is taught in: by age, unless the school has put the child in another."""
    return _year(opening.child, opening.enrolment, opening.on)


def year_of(pep: Pep) -> int:
    """The same of a PEP that is open, by the record: at its school, and by the child's age on the day it opened."""
    return _year(pep.child, pep.enrolment, pep.opened_on)


def _year(child: Child, place: Enrolment | None, on: date) -> int:
    return schoolyear.year_taught(child.date_of_birth, on, place.year_group if place else None)


def taught_in(pep: Pep) -> int:
    """The year whose form the PEP is: as it was opened in or set by hand, else the record's. All that asks for a PEP's year asks here."""
    return year_of(pep) if pep.year_group is None else pep.year_group


def term_occasion(term: Term) -> str:
    return f"term:{term.academic_year}:{term.name.value}"


def _before_go_live(child: Child, start: date, term: Term, known: Calendars) -> bool:
    """Whether the duty was over, or another's, when this system came to know the child."""
    if child.last_pep_before_go_live and child.last_pep_before_go_live >= start:
        return True
    return start < child.known_from and term.key != known.term_of(child.known_from).key
