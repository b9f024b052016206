"""What the register says beside the record of suspensions: marks of code E. Differences are listed, and nothing is written over.

Code E stands for a suspended or excluded child for whom no education is arranged; where it is, the school marks that (codes B, D, K).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from attendance.codes import BY_LETTER, CODES
from attendance.enums import CodeClass, ExclusionKind, Session
from attendance.models import Exclusion
from attendance.workflow import GIVEN, TAKEN_BACK

LETTER = CODES["E"].stored
DUAL = CODES["D"].stored
Marks = tuple[str | None, str | None]  # of morning and afternoon, as stored


@dataclass(frozen=True)
class Difference:
    """A session of a suspension that the school marked as something else."""

    on: date
    session: Session
    letter: str

    @property
    def words(self) -> str:
        code = BY_LETTER[self.letter]
        return f"{code.code}: {code.meaning}"


def covers(one: Exclusion, on: date, session: Session) -> bool:
    """Whether the child was away by it in that session. A lunchtime is no session of the register."""
    if one.state not in GIVEN or one.kind == ExclusionKind.LUNCHTIME or on < one.start:
        return False
    if one.end is not None and on >= one.end:
        return False
    if one.decided_on and on >= one.decided_on and (one.state in TAKEN_BACK or one.is_permanent):
        return False
    if on == one.start and one.from_noon and session == Session.AM:
        return False
    return not (one.end is not None and (one.end - on).days == 1 and one.until_noon and session == Session.PM)


def differences(one: Exclusion, marks: Mapping[date, Marks]) -> list[Difference]:
    """Marked sessions of it that do not say so, the first day first."""
    found = []
    for on in sorted(marks):
        for session, letter in zip(Session, marks[on], strict=True):
            if letter and covers(one, on, session) and not _fits(one, on, letter):
                found.append(Difference(on, session, letter))
    return found


def unrecorded(rows: Iterable[Exclusion], marks: Mapping[date, Marks]) -> list[tuple[date, Session]]:
    """Sessions marked E that no suspension on record covers."""
    rows = list(rows)
    return [
        (on, session)
        for on in sorted(marks)
        for session, letter in zip(Session, marks[on], strict=True)
        if letter == LETTER and not any(covers(one, on, session) for one in rows)
    ]


def _fits(one: Exclusion, on: date, letter: str) -> bool:
    """Code E; from the day education is arranged, the code of that; no school that day."""
    kind = BY_LETTER[letter].kind
    if letter == LETTER or kind == CodeClass.ADMINISTRATIVE:
        return True
    arranged = one.provision_from is not None and on >= one.provision_from
    return arranged and (kind == CodeClass.APPROVED or letter == DUAL)
