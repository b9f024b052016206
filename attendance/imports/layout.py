"""What a collector's file is like: which columns say who, when and what, and what one row is about.

``FIXED`` is the file of a source without a mapping of its own. Columns are found whatever their case, with spaces or underscores.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from attendance.enums import DateFormat, FileShape, Session
from attendance.weekgrid import DAYS, HALVES

SESSIONS = {"AM": Session.AM, "PM": Session.PM, "MORNING": Session.AM, "AFTERNOON": Session.PM}
MARKS = {FileShape.SESSION: 1, FileShape.DAY: 2, FileShape.WEEK: 10}
LONGEST_COLUMN = 100
_DATES = {
    DateFormat.YEAR_FIRST: r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    DateFormat.DAY_FIRST: r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})",
    DateFormat.DASHES: r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})",
    DateFormat.DOTS: r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    DateFormat.TWO_DIGITS: r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{2})",
    DateFormat.TOGETHER: r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
}
_PATTERNS = {kind: re.compile(pattern, re.ASCII) for kind, pattern in _DATES.items()}


@dataclass(frozen=True)
class Layout:
    """The columns of a file by what they say; an empty name is no column.

    Attributes:
        date: the day of the row, or the Monday of its week.
        date_format: a ``DateFormat``; empty where the first date of the file decides between the two that are read then.
        marks: the columns with codes: one, one for the morning and one for the afternoon, or ten from Monday morning on.
    """

    shape: str
    date: str
    marks: tuple[str, ...]
    upn: str = ""
    council_id: str = ""
    date_format: str = ""
    session: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, those of the child first."""
        return tuple(name for name in (self.upn, self.council_id, self.date, self.session, *self.marks) if name)

    @property
    def whom(self) -> tuple[str, ...]:
        """The columns that say which child, the surer first."""
        return tuple(name for name in (self.council_id, self.upn) if name)

    def folding(self) -> Callable[[str], str]:
        """Gives a column of the file the name that it has here."""
        names = {folded(name): name for name in self.columns}
        return lambda column: names.get(folded(column), folded(column))

    def missing(self, columns: Sequence[str]) -> list[str]:
        """The columns that a file lacks, once its names are folded. Of a file without a mapping one of the child's is enough."""
        lacking = [name for name in self.columns if name not in columns]
        if self == FIXED and set(self.whom) & set(columns):
            return [name for name in lacking if name not in self.whom]
        if self == FIXED:
            return [f"{self.upn} or {self.council_id}", *(name for name in lacking if name not in self.whom)]
        return lacking

    def halves(self, on: date) -> Iterator[tuple[str, date, str]]:
        """Of a row about that day, or that Monday's week: each column with a code, its day and its session; none for FileShape.SESSION."""
        for place, column in enumerate(self.marks if self.shape != FileShape.SESSION else ()):
            yield column, on + timedelta(days=place // 2), Session.values[place % 2]

    def problems(self) -> dict[str, str]:
        """What hinders reading any file so, by the field it is about."""
        found = {}
        if not self.whom:
            found["upn"] = "Name the column of the UPN, or of the council’s id"
        if not self.date:
            found["date"] = "Name the column of the date"
        if self.date_format not in DateFormat.values:
            found["date_format"] = "Choose how the dates are written"
        if self.shape == FileShape.SESSION and not self.session:
            found["session"] = "Name the column that says AM or PM"
        if len([name for name in self.marks if name]) != MARKS[FileShape(self.shape)]:
            found[_MARK_FIELDS[self.shape]] = "Name every column that holds codes"
        twice = sorted({name for name in self.columns if len(_same(self.columns, name)) > 1})
        if twice:
            found["shape"] = f"One column cannot say two things: {', '.join(twice)}"
        return found


_MARK_FIELDS: Mapping[str, str] = {FileShape.SESSION: "code", FileShape.DAY: "am", FileShape.WEEK: "week"}
FIXED = Layout(FileShape.SESSION, "date", ("code",), upn="upn", council_id="child_id", session="session")


def _same(columns: Sequence[str], name: str) -> list[str]:
    return [one for one in columns if folded(one) == folded(name)]


def folded(column: str) -> str:
    """A column's name as two files that mean the same share it."""
    return "_".join(column.lower().split())


def day_written(text: str, kind: str) -> date | None:
    """The day, when it is written in this format; None for anything else."""
    found = _PATTERNS[DateFormat(kind)].fullmatch(text)
    if found is None:
        return None
    year = int(found["y"]) + (2000 if kind == DateFormat.TWO_DIGITS else 0)
    try:
        return date(year, int(found["m"]), int(found["d"]))
    except ValueError:
        return None


# ---------------------------------------------------------------- a first guess, for somebody to look at

_NAMES = {
    "upn": ("upn", "unique_pupil_number", "pupil_upn", "upn_number"),
    "council_id": ("child_id", "council_id", "person_id", "lcs_id", "client_id", "child_reference", "pupil_id", "id"),
    "date": ("date", "mark_date", "session_date", "attendance_date", "day", "register_date"),
    "week": ("week_beginning", "week_commencing", "week_starting", "week_start", "w/c", "wc", "w/b", "week"),
    "session": ("session", "am/pm", "am_pm", "ampm", "period", "session_name"),
    "code": ("code", "mark", "attendance_code", "attendance_mark", "session_code", "register_code"),
    "am": ("am", "morning", "am_code", "am_mark", "code_am", "mark_am", "morning_mark", "morning_code"),
    "pm": ("pm", "afternoon", "pm_code", "pm_mark", "code_pm", "mark_pm", "afternoon_mark", "afternoon_code"),
}
_HALF = re.compile(r"(mon|tue|wed|thu|fri)[a-z]*[ _./-]*(am|pm|morning|afternoon)")
_WEEK = tuple(f"{day[:3].lower()} {half}" for day in DAYS for half in HALVES)


def suggested(columns: Sequence[str], row: Mapping[str, str]) -> Layout:
    """What the header and the first row let one think; empty where they say nothing."""
    named = {kind: _first(columns, names) for kind, names in _NAMES.items()}
    week = _week(columns)
    who = {"upn": named["upn"], "council_id": named["council_id"]}
    if any(week):
        when = named["week"] or named["date"]
        return Layout(FileShape.WEEK, when, week, date_format=_written(row.get(when, "")), **who)
    when = named["date"]
    if named["am"] and named["pm"]:
        marks = (named["am"], named["pm"])
        return Layout(FileShape.DAY, when, marks, date_format=_written(row.get(when, "")), **who)
    marks = (named["code"],)
    kind = _written(row.get(when, ""))
    return Layout(FileShape.SESSION, when, marks, date_format=kind, session=named["session"], **who)


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    return next((column for name in names for column in columns if folded(column) == name), "")


def _week(columns: Sequence[str]) -> tuple[str, ...]:
    """The ten columns of a week, from Monday morning on, those that were found."""
    found = {}
    for column in columns:
        match = _HALF.fullmatch(column.strip().lower())
        if match:
            half = "am" if match[2] in ("am", "morning") else "pm"
            found.setdefault(f"{match[1]} {half}", column)
    return tuple(found.get(name, "") for name in _WEEK)


def _written(text: str) -> str:
    return next((kind for kind in DateFormat.values if day_written(text, kind)), "")
