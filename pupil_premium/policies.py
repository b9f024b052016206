"""Who enters the grant, who releases a line and who reverses an entry; the conditions a release has to meet, each with its source."""

from datetime import date

from peps.models import Pep
from peps.policies_premium import is_in_its_years as in_its_years
from pupil_premium import books
from pupil_premium.enums import ReleaseState
from pupil_premium.models import Entry, GrantYear, Release
from pupil_premium.money import financial_year, year_words
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.money import pounds
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

WHO_DOES_WHAT = "Roles of the Virtual School"
CONDITIONS = "Pupil premium: conditions of grant"
MODE, GRADES, YEAR_END = "pp.release.mode", "pp.release.grades", "pp.year_end"
AT_APPROVAL = "at_approval"
REVERSIBLE = ("release", "grant", "top_slice")


def can_read_lines(user: User) -> Verdict:
    """Roles that read money; the list is cut to whom they work with, and a designated teacher's to their own school."""
    if user.reads(FieldGroup.MONEY):
        return ALLOW
    return refuse("Your role does not read money.", WHO_DOES_WHAT)


def can_read_line(user: User, release: Release) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_lines(user)


def can_read_books(user: User) -> Verdict:
    if user.may(Act.READ_BOOKS):
        return ALLOW
    return refuse("The books are read by the Virtual School.", WHO_DOES_WHAT)


def can_read_entry(user: User, entry: Entry) -> Verdict:
    return can_read_books(user)


def can_open_year(user: User) -> Verdict:
    """The grant is managed by the Virtual School Head (Children Act 1989 s22(3B); conditions of grant)."""
    if user.may(Act.KEEP_GRANT):
        return ALLOW
    return refuse("The year's grant is entered by the Virtual School Head, who manages it.", CONDITIONS)


def can_release(user: User, release: Release, on: date | None = None) -> Verdict:
    """Who may, then whether this line may be released on that day, then whether there is money for it."""
    on = on or today()
    if not user.may(Act.RELEASE_MONEY):
        return refuse("Lines are released by the Area Learning Advocates and the Virtual School Head.", WHO_DOES_WHAT)
    if not Release.objects.visible_to(user).filter(pk=release.pk).exists():
        return refuse("This line is for a child you do not work with.", WHO_DOES_WHAT)
    return _second_person(user, release, on) & can_be_released(release, on)


def can_be_released(release: Release, on: date) -> Verdict:
    """Whatever a person may: the conditions on the line, its PEP and the year's money."""
    return is_in_its_years(release) & _line_stands(release) & _grade_pays(release.pep) & _money_is_there(release, on)


def is_in_its_years(release: Release) -> Verdict:
    """The grant is for year groups: the child's when the PEP was opened, as it was asked when the line was."""
    return in_its_years(release.pep, release.releasable_on)


def can_reverse(user: User, entry: Entry) -> Verdict:
    """An entry is reversed, never edited: a release, a grant or what was kept of it, once, while its year is open."""
    if not user.may(Act.RELEASE_MONEY):
        return refuse("Entries are reversed by the Area Learning Advocates and the Virtual School Head.", WHO_DOES_WHAT)
    kind = entry.key.partition(":")[0]
    if kind not in REVERSIBLE:
        return refuse("Only a release, a grant or what was kept of it is reversed.", "How the books are kept")
    if kind != "release" and not user.may(Act.KEEP_GRANT):
        return can_open_year(user)
    if Entry.objects.filter(reverses=entry).exists():
        return refuse("This entry has been reversed already.", "How the books are kept")
    return _year_is_open(entry.grant_year)


def _second_person(user: User, release: Release, on: date) -> Verdict:
    """Where the council wants a second person, whoever agreed the line or approved the PEP does not release it."""
    mode = rules.get(MODE, on=on)
    if mode.value == AT_APPROVAL:
        return ALLOW
    approved = release.pep.reviews.filter(by=user, decision="approved").exists()
    if release.agreed_by_id == user.pk or approved:
        return refuse("You agreed this line or approved its PEP: a second person releases it.", mode.source)
    return ALLOW


def _line_stands(release: Release) -> Verdict:
    """A school to pay, and for what the council does not pay for, an exception that a second person agreed to."""
    cost = release.cost
    if release.school_id is None:
        return refuse("This PEP has no school that the money could go to.", CONDITIONS)
    if release.state == ReleaseState.RELEASABLE and cost.excluded_as and cost.exception_by_id is None:
        rule = rules.get("pp.excluded", on=release.releasable_on)
        return refuse(
            f"Pupil Premium Plus is not for this ({cost.excluded_as}) and nobody agreed an exception.", rule.source
        )
    return ALLOW


def _grade_pays(pep: Pep) -> Verdict:
    """Councils differ on whether an amber PEP pays; gold always does where green does."""
    rule = rules.get(GRADES, on=pep.completed_on or today())
    paying = {*rule.value, "gold"} if "green" in rule.value else set(rule.value)
    if pep.grade in paying:
        return ALLOW
    return refuse(f"A PEP graded {pep.get_grade_display() or 'not at all'} does not release its lines.", rule.source)


def _money_is_there(release: Release, on: date) -> Verdict:
    """Spent within the financial year of the day, from that year's grant."""
    year = books.year_of(financial_year(on))
    rule = rules.get(YEAR_END, on=on)
    if year is None:
        return refuse(f"The grant for {year_words(financial_year(on))} has not been entered yet.", rule.source)
    open_year = _year_is_open(year)
    if not open_year:
        return open_year
    left = books.free_for(release, year)
    if left < release.amount_pence:
        return refuse(
            f"{pounds(left)} of the grant for {year} is left, less than this line's {pounds(release.amount_pence)}.",
            rule.source,
        )
    return ALLOW


def _year_is_open(year: GrantYear) -> Verdict:
    if year.closed_on is None:
        return ALLOW
    return refuse(f"The books for {year} are closed.", rules.get(YEAR_END, on=today()).source)
