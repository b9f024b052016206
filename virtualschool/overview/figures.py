"""The dashboard's figures. A figure is a queryset of children and a sentence that defines it: the number and its list cannot differ."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from children.enums import SenStatus
from children.models import Alert, CarePlacement, Child, PeriodOfCare, SenRecord
from peps.enums import PepState
from peps.models import Pep
from peps.workflow import WITH_VIRTUAL_SCHOOL
from referrals.models import RiskReport
from referrals.policies import can_read_reports
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict
from virtualschool.rulebook import calendars

NEW_TO_CARE = timedelta(days=28)
Narrow = Callable[[QuerySet[Child], User], QuerySet[Child]]


@dataclass(frozen=True)
class Figure:
    """One number of the dashboard: its name in the address, its words, its definition, and which children it counts.

    ``group`` is the kind of information that it tells; ``policy`` the door of the pages that it is drawn from, where there is one.
    """

    key: str
    label: str
    definition: str
    group: FieldGroup
    narrow: Narrow
    tone: str = ""
    policy: Callable[[User], Verdict] = lambda user: ALLOW

    def shown_to(self, user: User) -> bool:
        """Whether the role reads what the number tells."""
        return user.reads(self.group) and bool(self.policy(user))

    def children(self, user: User) -> QuerySet[Child]:
        """The children counted, of those that the reader reaches; short breaks are never counted."""
        return self.narrow(Child.objects.visible_to(user).counted(), user)

    @property
    def href(self) -> str:
        return reverse("overview:figure", args=[self.key])


def _has(model: type, *conditions: Q, **fields: object) -> Exists:
    return Exists(model._base_manager.filter(*conditions, child=OuterRef("pk"), **fields))  # type: ignore[attr-defined]


def _with_alert(check_name: str) -> Narrow:
    return lambda children, user: children.filter(_has(Alert, check_name=check_name, state="open"))


def _at_risk(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    return children.filter(Exists(RiskReport.objects.visible_to(user).open().filter(child=OuterRef("pk"))))


def _unanswered(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    alerts = Alert.objects.visible_to(user).open().unanswered()
    return children.filter(Exists(alerts.filter(child=OuterRef("pk"))))


def _this_term(**fields: object) -> Exists:
    term = calendars.load().term_of(today())
    return _has(Pep, academic_year=term.academic_year, term=term.name.value, **fields)


def _done(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    return children.filter(_this_term(state__in=[PepState.COMPLETE, PepState.SUPERSEDED]))


def _not_done(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    open_now = _this_term(
        state__in=[PepState.PLANNED, PepState.PREPARING, PepState.MEETING_HELD, PepState.REARRANGED, PepState.RETURNED]
    )
    return children.filter(open_now)


_F = FieldGroup
_ALL = (
    Figure("on-roll", "children in care", "In care today, short breaks left out.", _F.IDENTITY, lambda c, user: c),
    Figure(
        "new-to-care",
        "new to care in 28 days",
        "Came into care in the last 28 days and still are.",
        _F.IDENTITY,
        lambda c, user: c.filter(_has(PeriodOfCare, periods.on(today()), start__gt=today() - NEW_TO_CARE)),
    ),
    Figure(
        "year-6",
        "in Year 6",
        "Year 6 by age; moves of school are to be avoided.",
        _F.IDENTITY,
        lambda c, user: c.in_years(6),
    ),
    Figure(
        "year-11",
        "in Year 11",
        "Year 11 by age; moves of school are to be avoided.",
        _F.IDENTITY,
        lambda c, user: c.in_years(11),
    ),
    Figure(
        "out-of-area",
        "placed outside our area",
        "Today's care placement lies outside the council's area.",
        _F.LEGAL,
        lambda c, user: c.filter(_has(CarePlacement, periods.on(today()), out_of_area=True)),
    ),
    Figure(
        "ehc-plan",
        "with an EHC plan",
        "Has an education, health and care plan today.",
        _F.EDUCATION,
        lambda c, user: c.filter(_has(SenRecord, periods.on(today()), status=SenStatus.EHCP)),
    ),
    Figure(
        "no-school",
        "of school age without a school",
        "From Reception to the last day of compulsory school age, and on no school's roll today.",
        _F.EDUCATION,
        lambda c, user: c.without_a_school(),
        tone="bad",
    ),
    Figure(
        "peps-done",
        "with this term's PEP complete",
        "Has a PEP of this term that is complete.",
        _F.PEP,
        _done,
        tone="good",
    ),
    Figure(
        "peps-under-way",
        "with this term's PEP under way",
        "Has a PEP of this term that is planned, preparing, held or returned.",
        _F.PEP,
        _not_done,
    ),
    Figure(
        "peps-in-qa",
        "with a PEP waiting for the Virtual School",
        "Has a PEP that is submitted or in quality assurance.",
        _F.PEP,
        lambda c, user: c.filter(_has(Pep, state__in=WITH_VIRTUAL_SCHOOL)),
    ),
    Figure(
        "peps-overdue",
        "with an overdue PEP",
        "Has an open PEP whose due date has passed; what is due on a day is overdue from the day after.",
        _F.PEP,
        lambda c, user: c.filter(Exists(Pep.objects.overdue().filter(child=OuterRef("pk")))),
        tone="bad",
    ),
    Figure(
        "no-pep-this-term",
        "without a PEP this term",
        "The night's check “no PEP this term” is open.",
        _F.PEP,
        _with_alert("pep.none_this_term"),
        tone="bad",
    ),
    Figure(
        "persistently-absent",
        "persistently absent",
        "Absent for a tenth or more of their own possible sessions this year, as the night found it.",
        _F.ATTENDANCE,
        _with_alert("attendance.persistent"),
        tone="bad",
    ),
    Figure(
        "attendance-falling",
        "with falling attendance",
        "Attendance has fallen against the child's own earlier weeks, as the night found it.",
        _F.ATTENDANCE,
        _with_alert("attendance.fall"),
        tone="bad",
    ),
    Figure(
        "no-marks",
        "without marks",
        "No attendance mark for several school days, as the night found it.",
        _F.ATTENDANCE,
        _with_alert("attendance.no_marks"),
    ),
    Figure(
        "at-risk",
        "with a placement reported at risk",
        "Has an open report that a care placement or a school place is at risk.",
        _F.EDUCATION,
        _at_risk,
        tone="bad",
        policy=can_read_reports,
    ),
    Figure(
        "unanswered-alerts",
        "with an alert nobody has answered",
        "Has an open alert, of a kind that you read, without an answer.",
        _F.EDUCATION,
        _unanswered,
    ),
)
FIGURES = {figure.key: figure for figure in _ALL}
GROUPS = (
    ("The roll", ("on-roll", "new-to-care", "year-6", "year-11", "out-of-area", "ehc-plan")),
    ("Out of school and at risk", ("no-school", "at-risk", "unanswered-alerts")),
    ("PEPs this term", ("peps-done", "peps-under-way", "peps-in-qa", "peps-overdue", "no-pep-this-term")),
    ("Attendance", ("persistently-absent", "attendance-falling", "no-marks")),
)


def numbers(user: User, keys: tuple[str, ...]) -> list[dict[str, object]]:
    """The figures for the stat component; one query each, and none for what the role does not read."""
    shown = [FIGURES[key] for key in keys if FIGURES[key].shown_to(user)]
    return [
        {
            "number": (count := figure.children(user).count()),
            "label": figure.label,
            "href": figure.href,
            "note": figure.definition,
            "tone": figure.tone if count else "",
        }
        for figure in shown
    ]


def groups_for(user: User) -> list[dict[str, object]]:
    """The dashboard's groups of figures."""
    groups = [{"title": title, "figures": numbers(user, keys)} for title, keys in GROUPS]
    return [group for group in groups if group["figures"]]
