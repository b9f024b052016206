"""The roll as a list: one queryset and one set of columns for the page, its file, the search and every figure's list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from children.enums import RelationKind, SenStatus
from children.models import Alert, Child, Enrolment, Relationship, SenRecord
from peps.models import Pep
from peps.workflow import OPEN
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.tables import Cell, Column
from virtualschool.overview.words import short_date
from virtualschool.rulebook import schoolyear

BY_NAME = (Lower("last_name"), Lower("first_names"), "pk")
NEEDS = frozenset({"K", "A", "E"})  # support of some kind; without it there is nothing to say


def listed(children: QuerySet[Child], user: User) -> QuerySet[Child]:
    """``children`` with what the list shows of each today, in the order of their names."""
    of_child = OuterRef("pk")
    place = Enrolment.objects.main().filter(periods.on(today()), child=of_child)
    worker = Relationship.objects.filter(periods.on(today()), child=of_child, kind=RelationKind.SOCIAL_WORKER)
    need = SenRecord.objects.filter(periods.on(today()), child=of_child)
    pep = Pep.objects.filter(child=of_child, state__in=OPEN).order_by("due_on", "pk")
    alerts = Alert.objects.visible_to(user).open().filter(child=of_child).order_by().values("child")
    return children.annotate(
        school_name=Subquery(place.values("school__name")[:1]),
        school_uuid=Subquery(place.values("school__uuid")[:1]),
        year_taught=Subquery(place.values("year_group")[:1]),
        worker_name=Subquery(worker.values("user__name")[:1]),
        sen_status=Subquery(need.values("status")[:1]),
        pep_due=Subquery(pep.values("due_on")[:1]),
        pep_uuid=Subquery(pep.values("uuid")[:1]),
        pep_state=Subquery(pep.values("state")[:1]),
        no_school=Exists(Child.objects.without_a_school().filter(pk=OuterRef("pk"))),
        alerts_open=Coalesce(Subquery(alerts.values(n=Count("pk")), output_field=IntegerField()), 0),
    ).order_by(*BY_NAME)


def in_order(children: QuerySet[Child]) -> QuerySet[Child]:
    """``children`` in the order of the list, for counting out a page of them."""
    return children.order_by(*BY_NAME)


def page_for(user: User) -> Callable[[QuerySet[Child]], QuerySet[Child]]:
    """What the list shows, of one page's children alone: of all before it the database would reckon it too."""
    return lambda page: listed(Child.objects.visible_to(user).filter(pk__in=page.values("pk")), user)


@dataclass(frozen=True)
class RollColumn:
    """A column: its heading, the kind of information in it, the plain value for a file, and the cell for the page.

    ``on_page``: drawn as a column of the page too, where room is short.
    """

    text: str
    group: FieldGroup
    value: Callable[[Child], Any]
    cell: Callable[[Child], Any] | None = None
    on_page: bool = True


def year_words(child: Child) -> str:
    """The curriculum year by age, and the year taught when that is another."""
    by_age = schoolyear.curriculum_year(child.date_of_birth, today())
    words = schoolyear.curriculum_year_words(by_age)
    if child.year_taught is not None and child.year_taught != by_age:
        return f"{words} (taught in {schoolyear.curriculum_year_words(child.year_taught)})"
    return words


def _name(child: Child) -> Cell:
    return Cell(child.name, href=child.get_absolute_url(), hint=child.child_id)


def _school(child: Child) -> Cell:
    if child.school_name:
        return Cell(child.school_name)
    return Cell("No school", tag={"text": "No school", "status": "missing"}) if child.no_school else Cell("–")


def _pep(child: Child) -> Cell:
    if child.pep_due is None:
        return Cell("–")
    overdue = {"text": "Overdue", "status": "overdue"} if child.pep_due < today() else None
    return Cell(f"due {short_date(child.pep_due)}", tag=overdue)


def _need_words(child: Child) -> str:
    return str(SenStatus(child.sen_status).label) if child.sen_status in NEEDS else ""


def _need(child: Child) -> str:
    return "EHC plan" if child.sen_status == SenStatus.EHCP else _need_words(child)


COLUMNS = (
    RollColumn("Child", FieldGroup.IDENTITY, lambda c: c.name, _name),
    RollColumn("Date of birth", FieldGroup.IDENTITY, lambda c: c.date_of_birth, on_page=False),
    RollColumn("Year", FieldGroup.IDENTITY, year_words),
    RollColumn("School", FieldGroup.EDUCATION, lambda c: c.school_name or "", _school),
    RollColumn("Need", FieldGroup.EDUCATION, _need_words, _need),
    RollColumn("PEP", FieldGroup.PEP, lambda c: c.pep_due or "", _pep),
    RollColumn("Social worker", FieldGroup.IDENTITY, lambda c: c.worker_name or "", lambda c: c.worker_name or "none"),
    RollColumn("Open alerts", FieldGroup.EDUCATION, lambda c: c.alerts_open),
)


def columns_for(user: User) -> list[RollColumn]:
    """The columns whose kind of information the role reads."""
    return [column for column in COLUMNS if user.reads(column.group)]


CHOICES = "children"  # the name under which ticked children are sent


def table_of(children: Iterable[Child], user: User, *, choose: bool = False) -> tuple[list[Column], list[list[Any]]]:
    """Headings and rows for the table component; ``choose`` puts a tick box before each child."""
    columns = [column for column in columns_for(user) if column.on_page]
    headings = [
        Column(column.text, numeric=column.text == "Open alerts", header=column.text == "Child") for column in columns
    ]
    rows = [[(column.cell or column.value)(child) for column in columns] for child in children]
    if not choose:
        return headings, rows
    boxes = [Cell(f"Choose {row[0].text}", choice=str(child.uuid)) for child, row in zip(children, rows, strict=True)]
    return [Column("Choose", hidden=True), *headings], [[box, *row] for box, row in zip(boxes, rows, strict=True)]


def file_of(children: Iterable[Child], user: User) -> tuple[list[str], Iterable[list[Any]]]:
    """Headings and rows for a file, the council's id and UPN first."""
    columns = columns_for(user)
    rows = ([child.child_id, child.upn, *(column.value(child) for column in columns)] for child in children)
    return ["Council's id", "UPN", *(column.text for column in columns)], rows
