"""The dashboard's figures. A figure is a queryset of children and a sentence that defines it: the number and its list cannot differ."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from attendance.models import Exclusion
from children.enums import SenStatus
from children.models import Alert, CarePlacement, Child, PeriodOfCare, SenRecord
from peps.enums import PepState
from peps.models import Pep
from peps.workflow import WITH_VIRTUAL_SCHOOL
from referrals.models import RiskReport
from referrals.policies.risk import can_read_reports
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict
from virtualschool.rulebook import calendars, rules, schoolyear

NEW_TO_CARE = timedelta(days=28)
Narrow = Callable[[QuerySet[Child], User], QuerySet[Child]]


@dataclass(frozen=True)
class Figure:
    """One number of the dashboard: its name in the address, its words, its definition, and which children it counts.

    ``group`` is the kind of information that it tells; ``policy`` the door of the pages that it is drawn from, where there is one.
    """

    key: str
    label: str  # read after its number, so without a noun that would need a plural: "1 in care today"
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


def new_to_care(children: QuerySet[Child]) -> QuerySet[Child]:
    """Of ``children``, those who came into care lately and still are; each with ``since``."""
    recent = PeriodOfCare.objects.filter(
        periods.on(today()), child=OuterRef("pk"), start__gt=today() - NEW_TO_CARE, short_breaks=False
    )
    return children.annotate(since=Subquery(recent.values("start")[:1])).filter(since__isnull=False)


def _at_risk(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    return children.filter(Exists(RiskReport.objects.visible_to(user).open().filter(child=OuterRef("pk"))))


def _suspended(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    away = Exclusion.objects.visible_to(user).away(today())
    return children.filter(Exists(away.filter(child=OuterRef("pk"))))


def _unanswered(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    alerts = Alert.objects.visible_to(user).open().unanswered()
    return children.filter(Exists(alerts.filter(child=OuterRef("pk"))))


def _this_term(**fields: object) -> Exists:
    term = calendars.load().term_of(today())
    return _has(Pep, academic_year=term.academic_year, term=term.name.value, **fields)


def _done(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    done = Pep.objects.complete_once().in_term(*calendars.load().term_of(today()).key)
    return children.filter(Exists(done.filter(child=OuterRef("pk"))))


def _not_done(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    open_now = _this_term(
        state__in=[PepState.PLANNED, PepState.PREPARING, PepState.MEETING_HELD, PepState.REARRANGED, PepState.RETURNED],
        completed_on__isnull=True,
    )
    return children.filter(open_now)


_F = FieldGroup
_ALL = (
    Figure("on-roll", "in care today", "In care today, short breaks left out.", _F.IDENTITY, lambda c, user: c),
    Figure(
        "new-to-care",
        f"new to care in {NEW_TO_CARE.days} days",
        f"Came into care in the last {NEW_TO_CARE.days} days and still are.",
        _F.IDENTITY,
        lambda c, user: new_to_care(c),
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
        "Has a PEP of this term that is complete, or was and is being changed.",
        _F.PEP,
        _done,
        tone="good",
    ),
    Figure(
        "peps-under-way",
        "with this term's PEP under way",
        "Has a PEP of this term that is planned, preparing, held or returned, and was not complete before.",
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
        "suspended",
        "suspended or excluded today",
        "Away from school today by a suspension, or permanently excluded and not yet off the roll.",
        _F.ATTENDANCE,
        _suspended,
        tone="bad",
    ),
    Figure(
        "suspension-days",
        "near or over a limit of suspension",
        "The night's check “days of suspension near or over a limit” is open.",
        _F.ATTENDANCE,
        _with_alert("attendance.suspension_days"),
        tone="bad",
    ),
    Figure(
        "at-risk",
        "with a care placement or school place at risk",
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
_STANDING = {figure.key: figure for figure in _ALL}
FLAGGED = "year-"  # in a group: a figure of each year group that the rule names
GROUPS = (
    ("The roll", ("on-roll", "new-to-care", FLAGGED, "out-of-area", "ehc-plan")),
    ("Out of school and at risk", ("no-school", "at-risk", "unanswered-alerts")),
    ("PEPs this term", ("peps-done", "peps-under-way", "peps-in-qa", "peps-overdue", "no-pep-this-term")),
    ("Attendance", ("persistently-absent", "attendance-falling", "no-marks", "suspended", "suspension-days")),
)


def flagged_years() -> list[int]:
    """The year groups in which moves of school are to be avoided, as the rule says today."""
    return sorted(rules.get("move.flag_years", on=today()).value)


def _of_year(year: int) -> Figure:
    words = schoolyear.curriculum_year_words(year)
    definition = f"{words} by age; moves of school are to be avoided."
    return Figure(f"{FLAGGED}{year}", f"in {words}", definition, _F.IDENTITY, lambda c, user: c.in_years(year))


def known() -> dict[str, Figure]:
    """Every figure of today by its key. One query."""
    return _STANDING | {figure.key: figure for figure in map(_of_year, flagged_years())}


def groups(figures: Mapping[str, Figure]) -> list[tuple[str, list[Figure]]]:
    """The dashboard's groups of figures, in order."""
    years = [figure for key, figure in figures.items() if key.startswith(FLAGGED)]
    return [
        (title, [one for key in keys for one in (years if key == FLAGGED else [figures[key]])])
        for title, keys in GROUPS
    ]


def numbers(user: User, keys: tuple[str, ...]) -> list[dict[str, object]]:
    """The figures of these names, none of them of a year group, for the stat component."""
    return _counted(user, [_STANDING[key] for key in keys])


def _counted(user: User, figures: Iterable[Figure]) -> list[dict[str, object]]:
    """One query for each figure, and none for what the role does not read."""
    shown = [figure for figure in figures if figure.shown_to(user)]
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
    drawn = [{"title": title, "figures": _counted(user, figures)} for title, figures in groups(known())]
    return [group for group in drawn if group["figures"]]
