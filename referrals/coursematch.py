"""A child's courses set beside a school's, line by line, before a move in the middle of them is approved.

Boards and subjects "are very unlikely to match" when a young person changes school in Years 10 and 11 ("Devon Virtual School:
information for IROs and social workers"). No national file says which board a school uses, so what is known was told by schools on
some day: that day stands in each line, and what nobody said is unknown. A line is the same only when both have the same code.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from referrals.enums import AwardingBody, Coursework, Match, Tier
from virtualschool.rulebook.schoolyear import words as day_words

# Names in daily use that mean one subject and no other.
ALIASES = {
    "maths": "mathematics",
    "english lang": "english language",
    "english lit": "english literature",
    "re": "religious studies",
    "religious education": "religious studies",
    "pe": "physical education",
    "double science": "combined science",
    "science double award": "combined science",
    "combined science trilogy": "combined science",
    "it": "information technology",
    "d and t": "design and technology",
    "dt": "design and technology",
}
SET_TEXTS = frozenset({"english literature", "drama", "classical civilisation", "latin", "film studies"})
BEGUN = (Coursework.STARTED, Coursework.DONE)
# Which of several of a school's courses says most of a child's; the first that there is.
NEAREST = (Match.SAME, Match.UNKNOWN, Match.OTHER_SPECIFICATION, Match.OTHER_BOARD)


@dataclass(frozen=True)
class Taken:
    """A course that the child takes. ``board``, ``code`` and ``tier`` are empty where nobody said."""

    key: int
    subject: str
    board: str = ""
    code: str = ""
    tier: str = ""
    coursework: str = Coursework.UNKNOWN
    told_on: date | None = None


@dataclass(frozen=True)
class Offered:
    """A course of the school."""

    subject: str
    told_on: date
    board: str = ""
    code: str = ""
    tier: str = ""


@dataclass(frozen=True)
class Known:
    """What the school has said. ``whole_on``: the day on which it said that this is its whole list; ``stale`` where that is too long ago."""

    school: str
    offered: Sequence[Offered] = ()
    whole_on: date | None = None
    stale: bool = False


@dataclass(frozen=True)
class Line:
    """One course of the child, what it is at the school, and why, in a sentence. ``key`` 0: nothing is recorded to compare."""

    key: int
    subject: str
    outcome: Match
    sentence: str
    coursework: str = Coursework.UNKNOWN

    @property
    def matches(self) -> bool:
        return self.outcome == Match.SAME

    @property
    def begun(self) -> bool:
        """Whether work that counts may be lost."""
        return self.coursework in BEGUN


def subject_key(subject: str) -> str:
    """One form for a subject, however it was written: English literature and ENGLISH  Literature are one."""
    plain = unicodedata.normalize("NFKC", subject).casefold().replace("&", " and ")
    words = " ".join(re.sub(r"[^\w\s]", " ", plain).split())
    words = re.sub(r"^gcse | gcse$", "", words)
    return ALIASES.get(words, words)


def code_key(code: str) -> str:
    """A specification's code without spaces, strokes and case: 8702, 1ET0, 603/2345/6. “n/a” is none."""
    key = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", code).upper())
    return key if any(sign.isdigit() for sign in key) else ""


def compare(taken: Iterable[Taken], known: Known) -> list[Line]:
    """A line for each course of the child: those with coursework begun first, and of those the ones that do not match."""
    by_subject: dict[str, list[Offered]] = {}
    for one in known.offered:
        by_subject.setdefault(subject_key(one.subject), []).append(one)
    lines = [
        _line(course, _alike(course, by_subject.get(subject_key(course.subject), []), known), known) for course in taken
    ]
    return sorted(lines, key=lambda line: (not line.begun, line.matches, line.subject.casefold(), line.key))


def _line(course: Taken, offered: Sequence[Offered], known: Known) -> Line:
    found = [_beside(course, one, known.school) for one in offered]
    outcome, sentence = min(found, key=lambda one: NEAREST.index(one[0])) if found else _missing(course, known)
    done = f" Coursework is {Coursework(course.coursework).label}." if course.coursework in BEGUN else ""
    return Line(course.key, course.subject, outcome, f"{sentence}{done}", course.coursework)


def _alike(course: Taken, of_subject: Sequence[Offered], known: Known) -> list[Offered]:
    """Those of the subject, and those that the school calls otherwise while their code says that they are the same."""
    code = code_key(course.code)
    others = (one for one in known.offered if code and code_key(one.code) == code)
    return [*of_subject, *(one for one in others if one not in of_subject)]


def _missing(course: Taken, known: Known) -> tuple[Match, str]:
    """Nothing of the subject or the code is recorded: only a school's whole list, each course with its code, says that it is not taught."""
    ask = f"ask the exams officer of {known.school}"
    if known.whole_on and not known.stale and not code_key(course.code):
        return Match.UNKNOWN, (
            f"Unknown: {ask}; the code of the child's course is not known, and no subject of this name is on the list."
        )
    if known.whole_on and not known.stale and not all(code_key(one.code) for one in known.offered):
        return Match.UNKNOWN, (
            f"Unknown: {ask}; no subject of this name is on its whole list, but courses there stand without a code, and one of them may be it."
        )
    if known.whole_on and not known.stale:
        return Match.NOT_OFFERED, (
            f"Not offered: it is not on the whole list that {known.school} gave on {day_words(known.whole_on)}."
        )
    if known.whole_on:
        return Match.UNKNOWN, f"Unknown: {ask}; its whole list is of {day_words(known.whole_on)}, which is long ago."
    if known.offered:
        return (
            Match.UNKNOWN,
            f"Unknown: {ask}; this subject is not recorded, and what is recorded is not the whole list.",
        )
    return Match.UNKNOWN, f"Unknown: {ask}; nothing is recorded."


def _beside(course: Taken, offered: Offered, school: str) -> tuple[Match, str]:
    """One of the school's courses in the same subject."""
    told = f"{school} told us on {day_words(offered.told_on)}."
    boards, codes = (_board(course.board), _board(offered.board)), (code_key(course.code), code_key(offered.code))
    if all(boards) and boards[0] != boards[1]:
        return Match.OTHER_BOARD, f"{_other_board(course, boards)} {told}"
    if all(codes) and codes[0] == codes[1]:
        return _same_code(course, offered, told)
    if all(codes) and all(boards):
        words = f"Same board, other specification: {course.code} here, {offered.code} there."
        return Match.OTHER_SPECIFICATION, f"{words} {told}"
    missing = _not_known(boards, codes, school)
    return Match.UNKNOWN, f"Unknown: {missing}; ask the exams officers. {told}"


def _same_code(course: Taken, offered: Offered, told: str) -> tuple[Match, str]:
    if bool(course.tier) != bool(offered.tier):
        return Match.UNKNOWN, f"Unknown: the same specification, but the tier is known on one side only. {told}"
    if course.tier != offered.tier:
        tiers = f"{Tier(course.tier).label} here, {Tier(offered.tier).label} there"
        return Match.OTHER_SPECIFICATION, f"Same specification, other tier: {tiers}. {told}"
    return Match.SAME, f"Same board and specification ({offered.code}). {told}"


def _other_board(course: Taken, boards: tuple[str, str]) -> str:
    what = "set texts differ" if subject_key(course.subject) in SET_TEXTS else "what is taught and examined differs"
    here, there = (AwardingBody(board).label for board in boards)
    return f"Different board: {what}. {here} here, {there} there."


def _board(board: str) -> str:
    """Another board than those of the list is no name to compare."""
    return "" if board == AwardingBody.OTHER else board


def _not_known(boards: tuple[str, str], codes: tuple[str, str], school: str) -> str:
    """Which of the four facts are missing, in words."""
    sides = ("for the child", f"at {school}")
    missing = [f"the awarding body is not known {side}" for side, board in zip(sides, boards, strict=True) if not board]
    missing += [
        f"the specification code is not known {side}" for side, code in zip(sides, codes, strict=True) if not code
    ]
    return " and ".join(missing)
