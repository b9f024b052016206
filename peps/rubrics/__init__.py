"""How PEPs are graded as data: questions by page, what each band means, and the formula that makes one grade of them, in versions."""

from peps.rubrics.formulas import Overall, overall, strategies
from peps.rubrics.loader import BadRubric, of_version, versions
from peps.rubrics.spec import Asked, Figure, Formula, Question, Rubric

__all__ = [
    "Asked",
    "BadRubric",
    "Figure",
    "Formula",
    "Overall",
    "Question",
    "Rubric",
    "of_version",
    "overall",
    "strategies",
    "versions",
]
