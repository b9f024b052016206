"""Which PEPs are marked a second time, and how far two markings of one lie apart.

Whether a PEP is in is decided by its own id and its term, never by chance at the time: whoever doubts it can reckon it again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from peps import rubrics
from peps.enums import Grade, Marked
from peps.models import Pep
from peps.rubrics import Question
from virtualschool.rulebook import rules

SAMPLE, APART, WITHIN = "pep.qa.sample", "pep.qa.apart", "pep.qa.sampled_within"
PARTS = 10_000  # hundredths of one per cent

Marks = Mapping[str, Mapping[str, str]]


def drawn(pep: Pep, on: date) -> bool:
    """Whether a PEP that is approved on the day is in its term's sample (rule ``pep.qa.sample``, per cent)."""
    return lot(pep) < rules.value(SAMPLE, on=on) * PARTS // 100


def lot(pep: Pep) -> int:
    """The PEP's place among its term's, from 0 to 9,999: a digest of its id and the term."""
    told = f"{pep.uuid}:{pep.academic_year}:{pep.term}".encode()
    return int.from_bytes(sha256(told).digest()[:8], "big") % PARTS


def apart(first: str, second: str) -> int | None:
    """How many bands lie between two marks; None where one of the two was not asked it."""
    order = list(Grade)
    if first not in order or second not in order:
        return None
    return abs(order.index(Grade(first)) - order.index(Grade(second)))


@dataclass(frozen=True)
class Pair:
    """Two marks of one question, each with its note."""

    question: Question
    first: Mapping[str, str]
    second: Mapping[str, str]

    @property
    def apart(self) -> int | None:
        return apart(self.first["band"], self.second["band"])


def pairs(version: str, first: Marks, second: Marks) -> Iterator[Pair]:
    """Each question of the rubric that either was asked, with both marks."""
    none = {"band": str(Marked.NOT_ASKED), "note": ""}
    for question in rubrics.of_version(version):
        if question.key in first or question.key in second:
            yield Pair(question, first.get(question.key, none), second.get(question.key, none))
