"""The return's tables and their columns, in the order in which they are written. A file's name says nothing; its columns do."""

from dataclasses import dataclass
from datetime import date

SHARED = frozenset({"CHILD", "DOB", "SEX"})
# Dates of birth, and others that say nothing of the year that a return is about.
NOT_OF_THE_YEAR = frozenset({"DOB", "MC_DOB", "DUC", "DATE_PERM"})


@dataclass(frozen=True)
class Table:
    """``required`` columns must be in a file of this table; ``once``: one row for each child."""

    name: str
    columns: tuple[str, ...]
    required: frozenset[str]
    dates: frozenset[str] = frozenset()
    once: bool = False


def _table(name: str, columns: str, *, dates: str = "", once: bool = False) -> Table:
    """Columns that a file must have carry an asterisk."""
    words = columns.split()
    return Table(
        name=name,
        columns=tuple(word.rstrip("*") for word in words),
        required=frozenset(word.rstrip("*") for word in words if word.endswith("*")),
        dates=frozenset(dates.split()),
        once=once,
    )


HEADER = _table("children", "CHILD* SEX* DOB* ETHNIC* UPN* MOTHER MC_DOB", dates="DOB MC_DOB", once=True)
EPISODES = _table(
    "episodes",
    "CHILD* DECOM* RNE* LS* CIN* PLACE* PLACE_PROVIDER DEC* REC* REASON_PLACE_CHANGE HOME_POST PL_POST URN",
    dates="DECOM DEC",
)
REVIEWS = _table("reviews", "CHILD* DOB* REVIEW* REVIEW_CODE*", dates="DOB REVIEW")
UASC = _table("uasc", "CHILD* SEX* DOB* DUC*", dates="DOB DUC", once=True)
OC2 = _table(
    "oc2",
    "CHILD* DOB* SDQ_SCORE* SDQ_REASON* CONVICTED HEALTH_CHECK IMMUNISATIONS TEETH_CHECK HEALTH_ASSESSMENT "
    "SUBSTANCE_MISUSE INTERVENTION_RECEIVED INTERVENTION_OFFERED",
    dates="DOB",
    once=True,
)
OC3 = _table("oc3", "CHILD* DOB* IN_TOUCH* ACTIV* ACCOM*", dates="DOB", once=True)
AD1 = _table(
    "ad1",
    "CHILD* DOB* DATE_INT* DATE_MATCH* FOSTER_CARE* NB_ADOPTR* SEX_ADOPTR* LS_ADOPTR*",
    dates="DOB DATE_INT DATE_MATCH",
    once=True,
)
PLACED_FOR_ADOPTION = _table(
    "placed_for_adoption",
    "CHILD* DOB* DATE_PLACED* DATE_PLACED_CEASED REASON_PLACED_CEASED",
    dates="DOB DATE_PLACED DATE_PLACED_CEASED",
)
PREVIOUS_PERMANENCE = _table(
    "previous_permanence", "CHILD* DOB* PREV_PERM* LA_PERM DATE_PERM", dates="DOB DATE_PERM", once=True
)
MISSING = _table("missing", "CHILD* DOB* MISSING* MIS_START* MIS_END*", dates="DOB MIS_START MIS_END")
SOCIAL_WORKERS = _table("sw_episodes", "CHILD* DOB* SW_ID* SW_DECOM* SW_DEC* SW_REASON*", dates="DOB SW_DECOM SW_DEC")
DOLO = _table("dolo", "CHILD* DOB* DOLO_START* DOLO_END*", dates="DOB DOLO_START DOLO_END")

TABLES = (
    HEADER,
    EPISODES,
    REVIEWS,
    UASC,
    OC2,
    OC3,
    AD1,
    PLACED_FOR_ADOPTION,
    PREVIOUS_PERMANENCE,
    MISSING,
    SOCIAL_WORKERS,
    DOLO,
)


def recognise(columns: tuple[str, ...]) -> Table | None:
    """The table that shares most columns with the file, those that several tables have apart; None when none does."""
    found = max(TABLES, key=lambda table: _shared(table, columns))
    return found if _shared(found, columns) else None


def _shared(table: Table, columns: tuple[str, ...]) -> int:
    return len((set(table.columns) - SHARED).intersection(columns))


def year_start(year: int) -> date:
    return date(year - 1, 4, 1)


def year_end(year: int) -> date:
    """The last day of the collection year."""
    return date(year, 3, 31)
