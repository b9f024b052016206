"""For whom Pupil Premium Plus may be asked at all: the grant is for year groups, and before and after them there are other funds."""

from datetime import date

from peps import policies
from peps.models import Pep, PepTarget
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules, schoolyear

YEARS = "pp.years"
BEFORE = "Before Reception there is the early years pupil premium, which is another grant and is paid to the setting by the hour."
AFTER = "After Year 11 there is a fund of its own."
INSTEAD = "Write what helps under “Other money that helps”."


def is_in_its_years(pep: Pep, on: date | None = None) -> Verdict:
    """Whether the grant is for the child's year group when the PEP was opened (rule ``pp.years``, conditions of grant).

    Args:
        on: the day whose rule is asked; today without one.
    """
    rule = rules.get(YEARS, on=on or today())
    year = schoolyear.curriculum_year(pep.child.date_of_birth, pep.opened_on)
    first, last = rule.value
    if first <= year <= last:
        return ALLOW
    years = " to ".join(schoolyear.curriculum_year_words(end) for end in (first, last))
    theirs = schoolyear.curriculum_year_words(year)
    words = (
        f"This grant is for {years}, and the PEP was opened in {theirs}. {BEFORE if year < first else AFTER} {INSTEAD}"
    )
    return refuse(words, rule.source)


def can_ask(user: User, target: PepTarget, at: policies.Standing | None = None) -> Verdict:
    """Whoever may write the PEP's targets asks for money, for a child whom the grant is for."""
    return policies.can_change_target(user, target, at) & is_in_its_years(target.pep)
