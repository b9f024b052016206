"""PEPs come into being: on entering care, each term, at a new school, or by hand.

However often an occasion is told, it has one PEP: the database keeps the second out and the first is answered.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from children.clocks import start_clock
from children.closures import carried_from
from children.enums import MAIN_SCHOOL
from children.models import Child, Clock, Enrolment, PeriodOfCare
from peps import layouts, notifications, policies, workflow
from peps.actions import circumstances, occasions
from peps.actions.circumstances import Known
from peps.actions.ending import end_pep
from peps.actions.moving import asked_for, take_along
from peps.actions.occasions import Opening
from peps.actions.stepping import matter
from peps.enums import PepKind, PepState
from peps.models import Pep, PepSection
from peps.people import people_of
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import calendars, schoolyear

NEW_SCHOOL_WHY = "The PEP for the new school takes its place"


@transaction.atomic
def open_pep(*, child: Child, kind: PepKind, why: str, due_on: date, by: User) -> Pep:
    """Open one by hand.

    Raises:
        Refused: when ``by`` may not, or there is none for this child.
        Conflict: when the child has this kind of PEP this term already.
    """
    require(policies.can_open(by, child))
    opened = open_all([occasions.by_hand(child, PepKind(kind), why, due_on, today())], by=by)
    if not opened:
        raise Conflict("This child has such a PEP this term already.")
    return opened[0]


@transaction.atomic
def open_initial(*, period: PeriodOfCare, start: date | None = None, by: User | None = None) -> Pep | None:
    """Open the first PEP of a time in care, with its clocks.

    Args:
        start: the day the duty begins, when it is not the day care started (out of short breaks).

    Returns:
        the PEP, new or not, or None where there is no such duty: short breaks (Care Planning Regulations 2010, reg 48), a
        legal status for which the council set none, a child not yet or no longer of PEP age, or care that started in a term
        before this system knew the child.
    """
    opening = occasions.initial(period, start or period.start)
    return _opened(opening, by) if opening else None


@transaction.atomic
def open_again(*, period: PeriodOfCare, by: User | None = None) -> Pep | None:
    """Care had not ended after all. What was cancelled stays so, with what was written in it; the PEP that is due opens anew.

    That is the initial PEP while it is still wanted, with its clocks from the day care began, as if nobody had stopped them;
    afterwards the term's. A PEP that stands is answered, so telling it twice does nothing.

    Returns:
        the PEP that is open now, or None: short breaks, a child not of PEP age or out of care again, or a term that has its PEP.
    """
    if period.end is not None or period.short_breaks:
        return None
    began = occasions.care_began(period)
    pep = open_initial(period=period, start=began, by=by) if _initial_is_wanted(period, began) else None
    if pep is not None:
        return pep
    open_term_peps(today(), children=Child.objects.filter(pk=period.child_id))
    standing: Pep | None = Pep.objects.open().filter(period=period).order_by("-opened_on", "-pk").first()
    return standing


@transaction.atomic
def open_for_new_school(*, enrolment: Enrolment, by: User | None = None) -> Pep | None:
    """A child starts at a school; a planned start waits for its day.

    The first school of a child without one joins the PEPs that are being prepared. A change of school while a PEP is being
    prepared takes that PEP along, due by the rule for new schools if that is earlier; otherwise a PEP for the new school
    opens, in place of a termly one that nobody has begun. One whose meeting was held goes along for as long as it is written
    in, beside the new one: only the new school reaches the child. What was sent in stays where it was sent in from. Where the
    school took the place of one that closed the child has not changed school: what is written goes along, and nothing opens.

    Returns:
        the PEP for the new school, when there is one.
    """
    period = PeriodOfCare.objects.filter(child=enrolment.child_id, short_breaks=False).current(enrolment.start).first()
    if period is None or enrolment.kind not in MAIN_SCHOOL or not _holds_today(enrolment):
        return None
    written = list(Pep.objects.filter(child=enrolment.child_id, state__in=workflow.WRITABLE).order_by("pk"))
    waiting = [pep for pep in written if pep.state in workflow.BEFORE_MEETING]
    for pep in [pep for pep in written if pep not in waiting]:
        take_along(pep, enrolment, by)
    before = Enrolment.objects.filter(child=enrolment.child_id, kind__in=MAIN_SCHOOL, start__lt=enrolment.start)
    moved = before.exists() and carried_from(enrolment) is None
    opening = occasions.new_school(enrolment, period) if moved else None
    begun = [pep for pep in waiting if pep.kind != PepKind.REVIEW or pep.state != PepState.PLANNED]
    if begun or opening is None:
        for pep in waiting:
            take_along(pep, enrolment, by)
        return None
    for pep in waiting:
        end_pep(pep=pep, why=NEW_SCHOOL_WHY)
    return _opened(opening, by)


@transaction.atomic
def open_term_peps(on: date, *, children: QuerySet[Child] | None = None) -> int:
    """Open the term's PEP for every child in care of PEP age who has none in the term.

    A child who came into care in this term gets the initial PEP instead, should its event not have arrived. A child with a
    PEP held this term before go-live is left alone; when go-live came after the term's last day for meetings, the PEP is due by
    the end of the term, so that the first night calls nothing late that nobody could have done here.

    Returns:
        how many were opened.
    """
    term = calendars.load().term_of(on)
    found = occasions.without_pep(Child.objects.all() if children is None else children, term, on)
    rows = PeriodOfCare.objects.filter(child__in=found, short_breaks=False).current(on).select_related("child")
    periods = {row.child_id: row for row in rows}
    recent = {child_id: period for child_id, period in periods.items() if period.start >= term.start}
    opened = [open_initial(period=period) for period in recent.values()]
    rest = [child for child in found if child.pk not in recent]
    return sum(pep is not None for pep in opened) + len(open_all(occasions.termly(rest, periods, term, on), by=None))


@transaction.atomic
def open_all(openings: Sequence[Opening], *, by: User | None) -> list[Pep]:
    """Open what is not open yet.

    Returns:
        the new ones; an occasion that has its PEP is passed over.
    """
    previous = _latest([opening.child.pk for opening in openings])
    drafts = {
        pep.uuid: (opening, pep) for opening in openings for pep in [_draft(opening, previous.get(opening.child.pk))]
    }
    Pep.objects.bulk_create([pep for _, pep in drafts.values()], ignore_conflicts=True)
    new = list(Pep.objects.filter(uuid__in=drafts).select_related("child", "school"))
    known = circumstances.known([drafts[pep.uuid][0] for pep in new])
    PepSection.objects.bulk_create([section for pep in new for section in _sections(pep, drafts[pep.uuid][0], known)])
    for pep in new:
        _start(pep, drafts[pep.uuid][0], by)
    return new


def _holds_today(enrolment: Enrolment) -> bool:
    """Told late, of a place that has ended, no PEP goes to that school."""
    return periods.holds(enrolment.start, enrolment.end, today())


def _initial_is_wanted(period: PeriodOfCare, began: date) -> bool:
    """Until some PEP of this care is completed; not where others had been opened without an initial one, which was nobody's duty here."""
    known = list(Pep.objects.filter(period=period, opened_on__gte=began).values_list("kind", "completed_on"))
    if any(completed_on for _, completed_on in known):
        return False
    return not known or any(kind == PepKind.INITIAL for kind, _ in known)


def _opened(opening: Opening, by: User | None) -> Pep:
    """The occasion's PEP, opened now or before."""
    open_all([opening], by=by)
    found: Pep = Pep.objects.standing().get(child=opening.child, occasion=opening.occasion)
    return found


def _latest(children: list[int]) -> dict[int, Pep]:
    """Each child's last PEP that was not cancelled."""
    peps = Pep.objects.standing().filter(child__in=children)
    return {pep.child_id: pep for pep in peps.order_by("child", "-opened_on", "-pk").distinct("child")}


def _draft(opening: Opening, previous: Pep | None) -> Pep:
    year = occasions.year_group(opening)
    return Pep(
        child=opening.child,
        kind=opening.kind,
        occasion=opening.occasion,
        phase=schoolyear.phase(year),
        year_group=year,
        academic_year=opening.term.academic_year,
        term=opening.term.name.value,
        period_id=opening.period_id,
        enrolment=opening.enrolment,
        school=opening.enrolment.school if opening.enrolment else None,
        layout=layouts.current(opening.on).version,
        previous=previous,
        opened_on=opening.on,
        opened_why=opening.why,
        due_on=opening.due_on,
    )


def _sections(pep: Pep, opening: Opening, known: Known) -> list[PepSection]:
    occasion = layouts.Occasion(pep.phase, pep.kind, circumstances.of(pep, opening, known), pep.year_group)
    return [
        PepSection(pep=pep, key=spec.key, owner=asked_for(spec.owner, pep), position=spec.position)
        for spec in layouts.of_version(pep.layout).sections_for(occasion)
    ]


def _start(pep: Pep, opening: Opening, by: User | None) -> None:
    """The new PEP's clocks, the record of it, and the nudges."""
    if opening.rule_key:
        pep.clock = _clock(pep, opening.rule_key, pep.get_kind_display(), opening, by)
        pep.due_on = (pep.clock and pep.clock.due_on) or pep.due_on
        pep.save(update_fields=["clock", "due_on"])
    if opening.rule_key == "pep.initial.deadline":
        _clock(pep, "pep.initial.complete", f"{pep.get_kind_display()}, complete", opening, by)
    log.record("pep.opened", by=by, subject=pep, why=opening.why, data={"occasion": pep.occasion, "due_on": pep.due_on})
    if pep.kind != PepKind.REVIEW:
        notifications.opened(pep, people_of(pep.child, pep.school, today()))


def _clock(pep: Pep, rule_key: str, about: str, opening: Opening, by: User | None) -> Clock | None:
    return start_clock(
        child=pep.child,
        rule_key=rule_key,
        about=about,
        matter=matter(pep),
        started_on=opening.on,
        started_by=opening.why,
        case=opening.case if rule_key == opening.rule_key else None,
        by=by,
        group=FieldGroup.PEP,
    )
