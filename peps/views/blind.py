"""What a page leaves out for whoever marks a PEP a second time: whose grade is hidden, ``policies_second`` says."""

from collections.abc import Iterable
from dataclasses import dataclass

from peps import record
from peps.models import Pep
from peps.policies_second import unseen_grades
from virtualschool.accounts.models import User

WAITS = "Shown once your second marking is handed in"
CARD = {"title": WAITS, "tag": None, "text": "", "lines": [], "footer": "", "sections": "", "rubric": "", "rows": []}
OF_THE_LAST = frozenset({"last_grade", "last_feedback"})


def without_grades(user: User, peps: Iterable[Pep | None]) -> frozenset[int]:
    """Take the grades out of PEPs that a page draws, and saves nothing of; those from which they were taken. One query."""
    drawn = [pep for pep in peps if pep is not None]
    unseen = unseen_grades(user, [pep.pk for pep in drawn])
    for pep in drawn:
        if pep.pk in unseen:
            pep.grade = ""
    return unseen


@dataclass(frozen=True)
class Unseen:
    """A PEP's facts without how the PEP before it was graded."""

    known: record.Facts

    @property
    def pep(self) -> Pep:
        return self.known.pep

    def told(self, key: str) -> record.Words | None:
        return WAITS if key in OF_THE_LAST else self.known.told(key)


def facts(known: record.Facts, unseen: frozenset[int]) -> record.Facts:
    """A PEP's facts as they may be told to whoever is not shown these grades."""
    return Unseen(known) if known.pep.previous_id in unseen else known
