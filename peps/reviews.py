"""What a review of the care plan will find of a child's PEP: by when it has to be there, whether it is, and what is missing.

The reviewing officer has the PEP some days before the review (rule ``pep.iro_ready``, IRO Handbook). A PEP is there when one was
completed no longer before the review than two PEPs may lie apart (rule ``pep.max_gap``).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import Count, DateField, Func, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Greatest

from children.models import CareReview, Child, PeriodOfCare
from peps import workflow
from peps.enums import MeetingState, PepState, SectionState
from peps.models import Pep, PepMeeting, PepSection
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import now, today
from virtualschool.rulebook import calendars, clocks, rules, schoolyear
from virtualschool.rulebook.calendars import Calendars
from virtualschool.rulebook.clocks import Reckoning
from virtualschool.rulebook.rules import InForce
from virtualschool.rulebook.schoolyear import words

READY = "pep.iro_ready"
JUST_PAST = timedelta(days=14)
SOON = timedelta(days=7)
WAITS_FOR = {
    PepState.PLANNED: "the PEP meeting is not held",
    PepState.PREPARING: "the PEP meeting is not held",
    PepState.REARRANGED: "the PEP meeting has to be arranged again",
    PepState.MEETING_HELD: "the PEP is not sent in",
    PepState.RETURNED: "the PEP was returned to the school",
    PepState.SUBMITTED: "the PEP waits for the Virtual School",
    PepState.IN_QA: "the PEP waits for the Virtual School",
}


class Readiness(StrEnum):
    """How a child's PEP stands to a review."""

    NOT_ASKED = "not_asked"
    READY = "ready"
    READY_LATE = "ready_late"
    WAITING = "waiting"
    SOON = "soon"
    OVERDUE = "overdue"
    MISSED = "missed"


@dataclass(frozen=True)
class Terms:
    """The council's rules on a day, loaded once for many children."""

    on: date
    ready: InForce
    gap: int
    start_age: int
    end_age: int
    known: Calendars

    def ready_by(self, review_on: date) -> Reckoning:
        """The last day on which the PEP may come to the reviewing officer, with how it was worked out."""
        return clocks.reckon_back(self.ready, review_on, self.known)

    def since(self, review_on: date) -> date:
        """The first day on which a PEP read at the review may have been completed."""
        return schoolyear.add_months(review_on, -self.gap)

    @property
    def births(self) -> tuple[date, date]:
        """Dates of birth, first and last, of those for whom there is a PEP."""
        first = schoolyear.anniversary(self.on, -self.end_age) + timedelta(days=1)
        return first, schoolyear.anniversary(self.on, -self.start_age)

    def asks_for_pep(self, born: date) -> bool:
        first, last = self.births
        return first <= born <= last


def terms(on: date) -> Terms:
    pack = rules.pack(on, "pep.")
    values = (pack.value(key) for key in ("pep.max_gap", "pep.start_age", "pep.end"))
    return Terms(on, pack.get(READY), *values, calendars.load())


@dataclass
class Facts:
    """A child's PEPs as far as a review needs them. ``unfinished``: how many sections of the open PEP are not finished."""

    pep: Pep | None = None
    last: Pep | None = None
    meeting: PepMeeting | None = None
    unfinished: int = 0


@dataclass(frozen=True)
class Standing:
    """Whether the PEP is there for the review, by when it has to be, and what is missing."""

    readiness: Readiness
    due: Reckoning
    missing: tuple[str, ...] = field(default=())


def facts_of(children: Collection[int], on: date | None = None) -> dict[int, Facts]:
    """What there is of each child, and of complete PEPs those of the day. Four queries, however many children."""
    found = {child: Facts() for child in children}
    for pep in Pep.objects.open().filter(child__in=found).order_by("child", "-opened_on", "-pk").distinct("child"):
        found[pep.child_id].pep = pep
    for pep in (
        Pep.objects.complete_once()
        .filter(child__in=found, completed_on__lte=on or today())
        .order_by("child", "-completed_on", "-pk")
        .distinct("child")
    ):
        found[pep.child_id].last = pep
    planned = PepMeeting.objects.filter(state=MeetingState.PLANNED, pep__child__in=found, starts_at__gte=now())
    for meeting in planned.select_related("pep").order_by("pep__child", "starts_at").distinct("pep__child"):
        found[meeting.pep.child_id].meeting = meeting
    open_peps = {one.pep.pk: one for one in found.values() if one.pep and one.pep.state in workflow.WRITABLE}
    unfinished = PepSection.objects.filter(~Q(state=SectionState.COMPLETE), pep__in=open_peps).order_by("pep")
    for row in unfinished.values("pep").annotate(n=Count("pk")):
        open_peps[row["pep"]].unfinished = row["n"]
    return found


def standing(review_on: date, born: date, facts: Facts, by: Terms) -> Standing:
    """How the PEP stands to a review on the day that ``by`` was loaded for."""
    due = by.ready_by(review_on)
    last_day = due.due_on or review_on
    if not by.asks_for_pep(born):
        return Standing(Readiness.NOT_ASKED, due)
    if facts.last and facts.last.completed_on and facts.last.completed_on >= by.since(review_on):
        late = facts.last.completed_on > last_day
        return Standing(Readiness.READY_LATE if late else Readiness.READY, due)
    return Standing(_not_ready(review_on, last_day, by.on), due, tuple(_missing(review_on, facts, by)))


def _not_ready(review_on: date, last_day: date, on: date) -> Readiness:
    if review_on < on:
        return Readiness.MISSED
    if last_day < on:
        return Readiness.OVERDUE
    return Readiness.SOON if last_day <= on + SOON else Readiness.WAITING


def _missing(review_on: date, facts: Facts, by: Terms) -> Iterable[str]:
    last_on = facts.last.completed_on if facts.last else None
    if last_on is None:
        yield "no PEP has been completed"
    else:
        yield f"the last complete PEP is of {words(last_on)}, more than {by.gap} months before the review"
    yield WAITS_FOR[PepState(facts.pep.state)] if facts.pep else "no PEP is open"
    if facts.unfinished:
        yield f"{facts.unfinished} {'section is' if facts.unfinished == 1 else 'sections are'} not finished"


# ---------------------------------------------------------------- the diary


class _MonthsBefore(Func):
    """The day some whole months before another."""

    template = "(%(expressions)s))::date"
    arg_joiner = " - make_interval(months => "
    output_field = DateField()


class Diary:
    """The reviews of somebody's children, as querysets: nothing is read before they are."""

    def __init__(self, user: User, on: date | None = None) -> None:
        self.user, self.on = user, on or today()
        reads = user.reads(FieldGroup.PEP) and user.reads(FieldGroup.LEGAL)
        children = Child.objects.visible_to(user).filter(pk__in=Child.objects.counted(self.on).values("pk"))
        self.children: QuerySet[Child] = children if reads else children.none()

    def reviews(self) -> QuerySet[CareReview]:
        """Those to come and those just past, each with ``pep_on``, the day the last complete PEP was completed."""
        done = Pep.objects.complete_once().filter(child=OuterRef("child"))
        last = done.order_by("-completed_on").values("completed_on")[:1]
        rows: QuerySet[CareReview] = CareReview.objects.filter(
            child__in=self.children, on__gte=self.on - JUST_PAST
        ).annotate(pep_on=Subquery(last))
        return rows

    def unplanned(self) -> QuerySet[Child]:
        """Children without a next review, the longest waiting first; ``waits_from``: the last review, or the start of care."""
        last = CareReview.objects.filter(child=OuterRef("pk"), on__lt=self.on).values("child").annotate(d=Max("on"))
        since = PeriodOfCare.objects.current(self.on).filter(child=OuterRef("pk")).values("start")
        waiting: QuerySet[Child] = (
            self.children.exclude(pk__in=CareReview.objects.filter(on__gte=self.on).values("child"))
            .annotate(waits_from=Greatest(Subquery(last.values("d")), Subquery(since[:1])))
            .order_by("waits_from", "last_name", "pk")
        )
        return waiting


def ready(rows: QuerySet[CareReview], by: Terms) -> QuerySet[CareReview]:
    """Reviews, of a diary, for which a PEP is there."""
    return rows.filter(pep_on__gte=_MonthsBefore("on", Value(by.gap)))


def not_ready(rows: QuerySet[CareReview], by: Terms) -> QuerySet[CareReview]:
    """Reviews, of a diary, for which there should be a PEP and is none."""
    asked = rows.filter(child__date_of_birth__range=by.births)
    return asked.filter(Q(pep_on=None) | Q(pep_on__lt=_MonthsBefore("on", Value(by.gap))))
