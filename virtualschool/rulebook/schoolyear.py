"""School years, key stages, phases, terms and birthdays in England. Pure: every function takes its dates.

An academic year is named by the calendar year it starts in: 2025 is 1 September 2025 to 31 August 2026.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from virtualschool.rulebook.enums import TermName

ONE_DAY = timedelta(days=1)
FIRST_YEAR = -2  # the earliest in which a PEP is written
RECEPTION = 0
LEAVING_YEAR = 11
LAST_YEAR = 13

# Used for a term whose dates nobody has loaded, so that every date still has a term; the answer says it was assumed.
ASSUMED_STARTS = {TermName.AUTUMN: (9, 1), TermName.SPRING: (1, 1), TermName.SUMMER: (4, 10)}

KEY_STAGES = ((RECEPTION, "EYFS"), (2, "KS1"), (6, "KS2"), (9, "KS3"), (11, "KS4"), (LAST_YEAR, "KS5"))

EARLY_YEARS, PRIMARY, SECONDARY, POST_16 = "E", "P", "S", "16"
PHASES = {EARLY_YEARS: "Early years", PRIMARY: "Primary", SECONDARY: "Secondary", POST_16: "Post-16"}
PHASE_YEARS = {EARLY_YEARS: (None, -1), PRIMARY: (RECEPTION, 6), SECONDARY: (7, 11), POST_16: (12, None)}


@dataclass(frozen=True, order=True, slots=True)
class Term:
    """One term, from its first day to the first day of the next (half-open), so that every date has exactly one.

    `assumed` says that the start is our assumption, because the term's dates are not loaded.
    """

    start: date
    end: date
    academic_year: int
    name: TermName
    assumed: bool = False

    @property
    def key(self) -> tuple[int, str]:
        return self.academic_year, self.name.value

    def __str__(self) -> str:
        return f"{self.name.label} term {year_words(self.academic_year)}"


def words(on: date) -> str:
    """5 January 2027."""
    return f"{on.day} {on:%B %Y}"


def academic_year(on: date) -> int:
    """The academic year of a date, which starts on 1 September."""
    return on.year if on.month >= 9 else on.year - 1


def year_words(year: int) -> str:
    """2025 -> "2025/26"."""
    return f"{year}/{(year + 1) % 100:02d}"


def anniversary(start: date, years: int) -> date:
    """The same day `years` later. A 29 February falls on 1 March where there is none: a birthday is not early."""
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 3, 1)


def add_months(start: date, months: int) -> date:
    """The same day of the month `months` later (or earlier), or that month's last day where there is none."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def age(born: date, on: date) -> int:
    """Whole years; below zero before birth."""
    years = on.year - born.year
    return years if on >= anniversary(born, years) else years - 1


def curriculum_year(born: date, on: date) -> int:
    """National curriculum year by age: 0 is Reception, below 0 is early years, above 13 is past school.

    The age on the 31 August before the academic year starts, less four. A child taught out of their year group has
    another; that is a fact about the enrolment, not about the date of birth.
    """
    return age(born, date(academic_year(on), 8, 31)) - 4


def year_taught(born: date, on: date, set_to: int | None) -> int:
    """The curriculum year that a child is taught in: what the school has set, where it has, else by age."""
    return curriculum_year(born, on) if set_to is None else set_to


def curriculum_year_words(year: int) -> str:
    if year > LAST_YEAR:
        return "Post-18"
    if year > RECEPTION:
        return f"Year {year}"
    return {0: "Reception", -1: "Nursery"}.get(year, "Early years")


def key_stage(year: int) -> str:
    """Key stage of a curriculum year; empty past Year 13."""
    return next((stage for last, stage in KEY_STAGES if year <= last), "")


def phase(year: int) -> str:
    """Phase of a curriculum year: E early years, P primary, S secondary, 16 post-16 (and after)."""
    if year < RECEPTION:
        return EARLY_YEARS
    if year <= 6:
        return PRIMARY
    return SECONDARY if year <= 11 else POST_16


def births_of_year(year: int, on: date) -> tuple[date, date]:
    """First and last date of birth (both included) of the children in a curriculum year on a day: `curriculum_year` turned round."""
    youngest = academic_year(on) - year - 4
    return date(youngest - 1, 9, 1), date(youngest, 8, 31)


def births_of_phase(phase_code: str, on: date) -> tuple[date, date]:
    """First and last date of birth (both included) of the children in a phase on a day.

    Raises:
        KeyError: for a phase that there is not.
    """
    first_year, last_year = PHASE_YEARS[phase_code]
    oldest = date.min if last_year is None else births_of_year(last_year, on)[0]
    youngest = date.max if first_year is None else births_of_year(first_year, on)[1]
    return oldest, youngest


def school_leaving(born: date) -> date:
    """The last day of compulsory school age: last Friday in June of the school year of the sixteenth birthday."""
    june = date(academic_year(anniversary(born, 16)) + 1, 6, 30)
    return june - timedelta(days=(june.weekday() - 4) % 7)


def school_age(born: date) -> tuple[date, date]:
    """The first day of Reception and the last day of compulsory school age."""
    return date(academic_year(anniversary(born, 4)) + 1, 9, 1), school_leaving(born)


def births_of_school_age(on: date) -> tuple[date, date]:
    """First and last date of birth (both included) of those who should be at a school on a day.

    From Reception, a little before compulsory school age begins, to the last day of compulsory school age.
    """
    oldest, _ = births_of_year(LEAVING_YEAR, on)
    if on > school_leaving(oldest):
        oldest, _ = births_of_year(LEAVING_YEAR - 1, on)
    return oldest, births_of_year(RECEPTION, on)[1]


def term_of(on: date, starts: Mapping[tuple[int, str], date]) -> Term:
    """The term of a date, given the loaded terms' first days by (academic year, term name).

    The days of a holiday belong to the term before it. Where a term is not loaded its start is assumed.
    """
    middle = academic_year(on)
    spans = [span for year in range(middle - 1, middle + 3) for span in _starts(year, starts)]
    at = bisect_right([span[0] for span in spans], on) - 1
    start, year, name, assumed = spans[at]
    return Term(start, spans[at + 1][0], year, name, assumed)


def _starts(year: int, starts: Mapping[tuple[int, str], date]) -> list[tuple[date, int, TermName, bool]]:
    rows = []
    for name, (month, day) in ASSUMED_STARTS.items():
        loaded = starts.get((year, name.value))
        assumed = date(year if name == TermName.AUTUMN else year + 1, month, day)
        rows.append((loaded or assumed, year, name, loaded is None))
    return rows
