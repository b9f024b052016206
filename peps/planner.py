"""The plan of a term: which PEPs have a meeting, and for which the advocate is asked before a day is chosen."""

from datetime import date

from django.db.models import BooleanField, Case, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When

from children.models import Child
from peps import workflow
from peps.enums import MeetingState
from peps.models import Pep, PepMeeting
from virtualschool.kernel.dates import today
from virtualschool.rulebook import rules

ADVOCATE = "ala"  # what the rules on attendees call the Area Learning Advocate

MEETS = Q(state__in=(MeetingState.PLANNED, MeetingState.HELD))  # of a meeting: it is to be held, or was


def with_planned() -> Q:
    """Not held yet, and its day is known."""
    return Q(_planned(), state__in=workflow.BEFORE_MEETING)


def without_meeting() -> Q:
    """Not held, and no day is known."""
    return Q(~_planned(), state__in=workflow.BEFORE_MEETING)


def late(on: date) -> Q:
    """Not held on the day it was due."""
    return Q(state__in=workflow.BEFORE_MEETING, due_on__lt=on)


def standings(on: date) -> dict[str, Q]:
    """How the meeting of a PEP can stand, each as a condition. A late one is also with or without a day."""
    return {
        "without": without_meeting(),
        "planned": with_planned(),
        "held": Q(state__in=workflow.HELD),
        "late": late(on),
    }


def advocate_first(on: date) -> Q:
    """PEPs that the advocate has to come to for their kind or the child's year, by the rules ``pep.attendees.by_kind`` and ``.by_year``.

    The advocate serves many schools, so these get their days first.
    """
    pack = rules.pack(on, "pep.attendees.by")
    by_kind, by_year = (pack.value(f"pep.attendees.by_{which}") for which in ("kind", "year"))
    years = [int(year) for year, roles in by_year.items() if ADVOCATE in roles]
    kinds = [kind for kind, roles in by_kind.items() if ADVOCATE in roles]
    return Q(kind__in=kinds) | Q(child__in=Child.objects.in_years(*years, on=on))


def in_order(rows: QuerySet[Pep]) -> QuerySet[Pep]:
    """No meeting yet, then planned, then held; in each those first for whom the advocate is asked (``asks_advocate``), then by due date."""
    on = today()
    stage = Case(When(without_meeting(), then=0), When(state__in=workflow.BEFORE_MEETING, then=1), default=2)
    first = Case(When(advocate_first(on), then=Value(True)), default=Value(False), output_field=BooleanField())
    return rows.annotate(asks_advocate=first).order_by(
        stage, "-asks_advocate", "due_on", "child__last_name", "child__first_names", "pk"
    )


def with_meetings(rows: QuerySet[Pep]) -> QuerySet[Pep]:
    """With child, school and clock, and as ``standing`` the meeting that is planned or was held, if there is one."""
    meetings = Prefetch("meetings", PepMeeting.objects.filter(MEETS).order_by("starts_at"), to_attr="standing")
    return rows.select_related("child", "school", "clock").prefetch_related(meetings)


def _planned() -> Exists:
    return Exists(PepMeeting.objects.filter(pep=OuterRef("pk"), state=MeetingState.PLANNED))
