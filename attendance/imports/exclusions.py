"""Reading a file of suspensions and permanent exclusions, as a school's system or an earlier service wrote them out.

A row is known by its child, school, kind and first day. Reading it again changes nothing; a later file fills in what was not known
before, and never writes over what is recorded: a difference is flagged, and somebody corrects the record on its own page. What is
still going on, or was over only lately, is told and followed as if it had been typed in; what was over before that is kept for the
record alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from attendance.actions import exclusion_clocks as duties
from attendance.actions import exclusions as actions
from attendance.actions.exclusions import REASONS, ExclusionFacts
from attendance.enums import ExclusionKind, ExclusionState
from attendance.imports.children import Children
from attendance.models import Exclusion
from children.imports.cells import Cells, day_first, year_first
from children.imports.report import RefusedAsAWhole, Report
from children.imports.source import SourceFile
from children.models import Child, Enrolment, ReferenceCode, School
from virtualschool.kernel import csvfiles, periods
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook import rules

TABLE = "exclusions"
TOLD_DAYS = "attendance.suspension.told_days"
ONE_DAY, LONGEST_TIME = timedelta(days=1), timedelta(days=366)
LONGEST, LONGEST_PLACE, MOST_SESSIONS = 4000, 200, 400
WHOM = ("child_id", "upn")
NEEDED = ("kind", "start", "reason")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "child_id": ("council_id", "council's_id", "council’s_id", "person_id"),
    "upn": ("unique_pupil_number",),
    "school_urn": ("urn",),
    "kind": ("category", "exclusion_category", "exclusion_type"),
    "start": ("first_day", "start_date", "first_day_away", "exclusion_start_date"),
    "last": ("last_day", "end_date", "last_day_away", "exclusion_end_date"),
    "first_day_back": ("back_on",),
    "sessions": ("half_days", "number_of_sessions"),
    "reason": ("reasons", "main_reason", "reason_1"),
    "reason_2": (),
    "reason_3": (),
    "given_on": ("notice_given",),
    "alternatives": ("tried_before",),
    "work_set": (),
    "provision": ("taught_meanwhile",),
    "provision_from": ("taught_from",),
    "state": (),
}
_NAMES = {name: column for column, names in COLUMNS.items() for name in (column, *names)}
KINDS = {
    "susp": ExclusionKind.SUSPENSION,
    "fixd": ExclusionKind.SUSPENSION,  # what the return called it until 2021
    "suspension": ExclusionKind.SUSPENSION,
    "lnch": ExclusionKind.LUNCHTIME,
    "lunchtime": ExclusionKind.LUNCHTIME,
    "lunchtime suspension": ExclusionKind.LUNCHTIME,
    "perm": ExclusionKind.PERMANENT,
    "permanent": ExclusionKind.PERMANENT,
    "permanent exclusion": ExclusionKind.PERMANENT,
}
# Where the actions' errors stand in a file.
_COLUMN_OF = {
    "school": "school_urn",
    "reasons": "reason",
    "given_on": "given_on",
    "sessions": "sessions",
    "last": "last",
}


def import_exclusions(files: Sequence[SourceFile], *, report: Report, options: Mapping[str, str]) -> None:
    """Load files of suspensions and permanent exclusions.

    Raises:
        RefusedAsAWhole: when a file cannot be read, or lacks a column.
    """
    report.table(TABLE)
    for one in files:
        _File(_opened(one, report), report).load()


def _opened(source: SourceFile, report: Report) -> csvfiles.CsvFile:
    file = report.opened(source, fold=_folded)
    missing = [name for name in NEEDED if name not in file.columns]
    missing += [] if set(WHOM) & set(file.columns) else ["child_id or upn"]
    if missing:
        wanted, has = ", ".join(missing), ", ".join(file.columns)
        reason = f"A file of suspensions and exclusions must have the columns {wanted}. It has: {has}."
        report.refuse(file.name, 1, wanted, "", reason)
        raise RefusedAsAWhole(report)
    for column in file.columns:
        if column not in COLUMNS:
            report.flag(file.name, 1, column, "", "Not a column that is read here; it was left out.")
    return file


def _folded(column: str) -> str:
    name = "_".join(column.lower().split())
    return _NAMES.get(name, name)


class _Refused(Exception):
    """The row was refused, and the report knows why."""


@dataclass(frozen=True)
class _Row:
    """A row that was read."""

    cells: Cells
    child: Child
    school: School
    facts: ExclusionFacts
    provision: str
    provision_from: date | None


class _File:
    """One file's rows, in their order."""

    def __init__(self, file: csvfiles.CsvFile, report: Report) -> None:
        self.report = report
        self.rows = [Cells(row, file=file.name, report=report, whom=WHOM) for row in report.rows(file)]
        self.children = Children(self.rows, upn_column="upn", id_column="child_id")
        listed = ReferenceCode.objects.filter(field=REASONS).values_list("code", "meaning")
        self.reasons = {name.lower(): code for code, meaning in listed for name in (code, meaning)}
        self.lately = today() - timedelta(days=rules.value(TOLD_DAYS, on=today()))

    def load(self) -> None:
        for cells in self.rows:
            try:
                self._take(self._read(cells))
            except _Refused:
                continue
            except ValidationError as error:
                cells.refuse(*_told(error))

    # ------------------------------------------------------------ reading

    def _read(self, cells: Cells) -> _Row:
        found = self.children.of(cells)
        if found is None:
            raise _Refused
        child = Child.objects.get(pk=found)
        kind, start = self._kind(cells), _day(cells, "start")
        facts = ExclusionFacts(
            kind=kind,
            start=start,
            reasons=tuple(self._reasons(cells)),
            given_on=cells.day("given_on"),
            end=None if kind == ExclusionKind.PERMANENT else self._end(cells, start),
            sessions=None if kind == ExclusionKind.PERMANENT else cells.number("sessions", 1, MOST_SESSIONS),
            alternatives=cells.text("alternatives", LONGEST),
            work_set=cells.text("work_set", LONGEST),
        )
        provision, since = self._provision(cells, start)
        return _Row(cells, child, self._school(cells, child, start), facts, provision, since)

    def _kind(self, cells: Cells) -> ExclusionKind:
        kind = KINDS.get(" ".join(cells["kind"].lower().split()))
        if kind is None:
            _refuse(cells, "kind", "Not a kind: SUSP, LNCH or PERM." if cells["kind"] else "Missing.")
        return kind

    def _reasons(self, cells: Cells) -> Iterator[str]:
        """Codes of the list: one in each of three columns, or several in the first with spaces between."""
        if not cells["reason"]:
            _refuse(cells, "reason", "Missing.")
        for column in ("reason", "reason_2", "reason_3"):
            text = cells[column].lower()
            for part in [text] if text in self.reasons else text.split():
                if part not in self.reasons:
                    _refuse(cells, column, "Not a reason of the Department’s list.")
                yield self.reasons[part]

    def _end(self, cells: Cells, start: date) -> date:
        """The first day back."""
        column = "last" if cells["last"] or not cells["first_day_back"] else "first_day_back"
        end = _day(cells, column) + (ONE_DAY if column == "last" else timedelta())
        if end <= start:
            _refuse(cells, column, "It ends before it begins.")
        if end - start > LONGEST_TIME:
            _refuse(cells, column, "Longer than a year. Check the dates.")
        return end

    def _provision(self, cells: Cells, start: date) -> tuple[str, date | None]:
        where, since = cells.text("provision", LONGEST_PLACE), cells.day("provision_from")
        if where and since is None:
            cells.flag("provision", "The day from which the child is taught there is missing; set aside.")
        elif where and since and since < start:
            cells.flag("provision_from", "Before the first day away; set aside.")
        elif where:
            return where, since
        return "", None

    def _school(self, cells: Cells, child: Child, start: date) -> School:
        """The one that the row names; without a name the one on whose roll the child was on the first day."""
        places = Enrolment.objects.filter(periods.on(start), child=child).select_related("school")
        there = {place.school.urn: place.school for place in places}
        if cells["school_urn"]:
            found = there.get(cells["school_urn"])
            if found is None:
                _refuse(cells, "school_urn", f"The child was not on this school’s roll on {long_date(start)}.")
            return found
        main = [place.school for place in places.main()]
        if len(main) != 1:
            many = "on more than one school’s roll" if main else "on no school’s roll"
            _refuse(cells, "school_urn", f"The child was {many} on {long_date(start)}. Give the school’s URN.")
        return main[0]

    # ------------------------------------------------------------ taking in

    def _take(self, row: _Row) -> None:
        held = Exclusion.objects.filter(
            child=row.child, school=row.school, kind=row.facts.kind, start=row.facts.start
        ).select_related("school")
        known = held.exclude(state=ExclusionState.STRUCK).first() or held.first()
        if known is None:
            self._add(row)
        elif known.state in duties.CLOSED:
            row.cells.flag("start", f"Recorded, and {known.get_state_display()}: it stays as it is.")
            self.report.count("unchanged", TABLE)
        else:
            if known.state == ExclusionState.PROPOSED:
                row.cells.flag(
                    "kind", "Recorded as proposed. That stays; say on its own page that the head has decided."
                )
            self.report.count("updated" if self._fill(known, row) else "unchanged", TABLE)

    def _add(self, row: _Row) -> None:
        state = row.cells["state"].lower()
        if state not in ("", "given"):
            _refuse(row.cells, "state", "Only those that stand as given are read. Record this one on the child’s page.")
        past = self._past(row)
        one = actions.record_exclusion(child=row.child, school=row.school, facts=row.facts, by=None, past=past)
        if row.provision and row.provision_from:
            actions.name_provision(exclusion=one, where=row.provision, start=row.provision_from, by=None)
        self.report.count("created", TABLE)

    def _past(self, row: _Row) -> bool:
        """Nobody here has to act on it any more. A permanent exclusion goes on until its steps are recorded."""
        if row.facts.end is not None:
            over = row.facts.end <= self.lately
            return over or not Child.objects.on_roll(today()).filter(pk=row.child.pk).exists()
        there = Enrolment.objects.filter(periods.on(today()), child=row.child, school=row.school)
        if not there.exists():
            words = "The child has left this school. Record the permanent exclusion, and what became of it, on the child’s page."
            _refuse(row.cells, "kind", words)
        return False

    def _fill(self, known: Exclusion, row: _Row) -> bool:
        """Put in what was empty, and tell what differs.

        Returns:
            whether anything was put in.
        """
        facts = actions.facts_of(known)
        _compare(row, facts)
        empty = ("alternatives", "work_set")
        more = {
            name: getattr(row.facts, name) for name in empty if getattr(row.facts, name) and not getattr(facts, name)
        }
        if more:
            seen = actions.seen_of(known)
            actions.correct_exclusion(
                exclusion=known, facts=replace(facts, **more), why="Read from a file", seen=seen, by=None
            )
        if row.provision and row.provision_from and not known.provision:
            actions.name_provision(exclusion=known, where=row.provision, start=row.provision_from, by=None)
            return True
        return bool(more)


def _compare(row: _Row, held: ExclusionFacts) -> None:
    """What the file says and the record says otherwise."""
    columns = {"end": "last" if row.cells["last"] else "first_day_back", "reasons": "reason"}
    for name in ("end", "sessions", "reasons", "given_on", "alternatives", "work_set"):
        said, kept = getattr(row.facts, name), getattr(held, name)
        if said and kept and said != kept:
            row.cells.flag(columns.get(name, name), f"{_as_held(name, kept)} That stays; correct it on its own page.")


def _as_held(name: str, kept: Any) -> str:
    if name == "end":
        return f"Recorded with {long_date(kept - ONE_DAY)} as the last day."
    if isinstance(kept, date):
        return f"Recorded as {long_date(kept)}."
    if isinstance(kept, tuple):
        return f"Recorded as {' '.join(kept)}."
    return f"Recorded as {kept}." if isinstance(kept, int) else "Recorded in other words."


def _day(cells: Cells, column: str) -> date:
    """A date that has to be there."""
    if not cells[column]:
        _refuse(cells, column, "Missing.")
    found = day_first(cells[column], dashes=True) or year_first(cells[column])
    if found is None:
        _refuse(cells, column, "Not a date written dd/mm/yyyy or yyyy-mm-dd.")
    return found


def _refuse(cells: Cells, column: str, reason: str) -> Any:
    cells.refuse(column, reason)
    raise _Refused


def _told(error: ValidationError) -> tuple[str, str]:
    """The column and the words of what an action refused."""
    by_field = getattr(error, "error_dict", {})
    field = next(iter(by_field), "start")
    return _COLUMN_OF.get(field, field if field in COLUMNS else "start"), error.messages[0]
