"""What the record knows and a PEP never asks: the front sheet, and the facts beside a section's questions.

Each fact of the field list is found here by its key. Address and carer are in none: papers go to schools. An app above this one
adds its own facts by ``source`` when it starts.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from django.db.models import Q

from children.models import (
    CareEpisode,
    CarePlacement,
    Enrolment,
    LocalAuthority,
    PeriodOfCare,
    ReferenceCode,
    Relationship,
    SchoolJudgement,
    SenRecord,
)
from peps import layouts
from peps.actions import occasions
from peps.layouts import FactSpec, FieldSpec
from peps.models import Pep
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.rulebook import calendars
from virtualschool.rulebook.calendars import Calendars

NOT_KNOWN = "Not known"
Words = str | list[str]


class Facts(Protocol):
    """What tells a PEP's facts by their keys; None of one that it does not hold at all."""

    @property
    def pep(self) -> Pep: ...

    def told(self, key: str) -> Words | None: ...


class Record:
    """The record behind one PEP today. Each part is looked up once, when a fact asks for it."""

    def __init__(self, pep: Pep) -> None:
        self.pep, self.child, self.on = pep, pep.child, today()
        self._kept: dict[str, Any] = {}

    def told(self, key: str) -> Words:
        return SOURCES[key](self)

    @cached_property
    def place(self) -> Enrolment | None:
        return occasions.enrolments([self.child.pk], self.on).get(self.child.pk)

    @cached_property
    def episode(self) -> CareEpisode | None:
        return CareEpisode.objects.current(self.on).filter(child=self.child).first()

    @cached_property
    def placement(self) -> CarePlacement | None:
        return CarePlacement.objects.current(self.on).filter(child=self.child).first()

    @cached_property
    def periods(self) -> list[date]:
        periods = PeriodOfCare.objects.filter(child=self.child, short_breaks=False)
        return list(periods.order_by("start").values_list("start", flat=True))

    @cached_property
    def need(self) -> SenRecord | None:
        return SenRecord.objects.current(self.on).filter(child=self.child).first()

    @cached_property
    def ties(self) -> dict[str, Relationship]:
        ties = Relationship.objects.current(self.on).filter(child=self.child).select_related("user", "team")
        return {tie.kind: tie for tie in ties}

    @cached_property
    def before(self) -> Pep | None:
        """The last PEP but this one."""
        return Pep.objects.filter(pk=self.pep.previous_id).first() if self.pep.previous_id else None

    @cached_property
    def judgement(self) -> SchoolJudgement | None:
        school = self.pep.school_id
        judged = SchoolJudgement.objects.filter(school=school, on__lte=self.on)
        return judged.order_by("-on").first() if school else None

    @cached_property
    def codes(self) -> dict[tuple[str, str], str]:
        """The words of the codes that the child's record uses."""
        asked = [("LS", self.episode.legal_status)] if self.episode else []
        asked += [("PLACE", self.placement.placement_type)] if self.placement else []
        asked += [("ETHNICITY", self.child.ethnicity)]
        asked += [("SEN_TYPE", one) for one in (self.need.primary_need, self.need.secondary_need)] if self.need else []
        wanted = Q(pk__in=[])
        for field, code in asked:
            wanted |= Q(field=field, code=code)
        rows = ReferenceCode.objects.filter(wanted).values_list("field", "code", "meaning")
        return {(field, code): meaning for field, code, meaning in rows}

    @cached_property
    def authorities(self) -> dict[str, str]:
        """The names of the councils that the record names."""
        codes = [self.placement.area_code] if self.placement else []
        codes += [self.pep.school.la_code] if self.pep.school else []
        codes += [self.need.maintained_by] if self.need else []
        return dict(LocalAuthority.objects.filter(code__in=codes).values_list("code", "name"))

    @cached_property
    def calendars(self) -> Calendars:
        return calendars.load()

    def once(self, name: str, look_up: Callable[[], Any]) -> Any:
        """What another app looks up for several of its facts."""
        if name not in self._kept:
            self._kept[name] = look_up()
        return self._kept[name]

    def words_of(self, field: str, code: str) -> str:
        return self.codes.get((field, code), code)


Source = Callable[[Record], Words]
SOURCES: dict[str, Source] = {}
Start = Callable[[Record], Any]
STARTS: dict[str, Start] = {}


def source(*keys: str) -> Callable[[Source], Source]:
    """Answer these facts by the function: words, lines, or nothing where the record does not know."""

    def add(found: Source) -> Source:
        SOURCES.update(dict.fromkeys(keys, found))
        return found

    return add


def start(*keys: str) -> Callable[[Start], Start]:
    """Begin the boxes of these by the function: an answer, or None where the record does not know."""

    def add(found: Start) -> Start:
        STARTS.update(dict.fromkeys(keys, found))
        return found

    return add


def begun(record: Record, specs: Iterable[FieldSpec]) -> dict[str, Any]:
    """What the record says to questions that nobody has answered, for the writer to keep or to change."""
    known = {spec.key: STARTS[spec.starts_with](record) for spec in specs if spec.starts_with}
    return {key: layouts.as_kept(value) for key, value in known.items() if value is not None}


def front_sheet(record: Facts, groups: Collection[FieldGroup]) -> list[dict[str, Any]]:
    """The head of a PEP for a role that reads ``groups``. A constant number of queries."""
    return _rows(layouts.of_version(record.pep.layout).front, record, groups)


def beside(record: Facts, section: str, groups: Collection[FieldGroup]) -> list[dict[str, Any]]:
    """What the record knows of a section's matter, shown so that nobody is asked."""
    return _rows(layouts.of_version(record.pep.layout).section(section).facts, record, groups)


def added_to(rows: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, and those of ``more`` that say something else."""
    said = {row["key"] for row in rows}
    return [*rows, *(row for row in more if row["key"] not in said)]


def lines_of(told: Words) -> list[str]:
    return [line for line in ([told] if isinstance(told, str) else told) if line]


def _rows(facts: Iterable[FactSpec], record: Facts, groups: Collection[FieldGroup]) -> list[dict[str, Any]]:
    read = (fact for fact in facts if fact.reads in groups and record.pep.phase in fact.phases)
    told = ((fact, record.told(fact.key)) for fact in read)
    return [_row(fact, lines_of(words)) for fact, words in told if words is not None]


def _row(fact: FactSpec, lines: list[str]) -> dict[str, Any]:
    if len(lines) == 1:
        return {"key": fact.label, "value": lines[0]}
    return {"key": fact.label, "value": "", "lines": lines, "missing": "" if lines else NOT_KNOWN}
