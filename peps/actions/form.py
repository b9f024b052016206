"""The year's form of a PEP, set by hand: a child taught out of year, a special school without years, a late transfer."""

from django.db import transaction

from peps import layouts
from peps.actions.circumstances import TRANSITION_YEARS
from peps.actions.moving import section_of
from peps.actions.occasions import year_of
from peps.actions.stepping import locked
from peps.actions.writing import missing_fields
from peps.enums import SectionState
from peps.layouts import Circumstance, Occasion, SectionSpec
from peps.models import Pep, PepSection
from peps.policies_form import can_set_form
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import schoolyear

LONGEST = 200


@transaction.atomic
def set_form(*, pep: Pep, year: int, why: str, by: User) -> Pep:
    """Ask the PEP's questions as of another national curriculum year, and of that year's phase. Nothing that was written is lost.

    A section that the new form has and the old had not is added; one that only the old has stays with its words, and is asked of
    nobody; without a word it stays likewise, for whoever sets it back. A finished section that is asked more opens again.

    Args:
        year: from the earliest (-2) to the last; set back to the one of the record, the PEP is no longer set by hand.

    Raises:
        Refused: when ``by`` may not, or the PEP has been sent in.
        Conflict: when it is in that form.
        ValueError: without a reason, or for a year that there is not.
    """
    pep = locked(pep)
    require(can_set_form(by, pep))
    if not why.strip() or len(why) > LONGEST or not schoolyear.FIRST_YEAR <= year <= schoolyear.LAST_YEAR:
        raise ValueError("The form is set to a year that there is, for a reason.")
    if pep.year_group == year:
        raise Conflict("The PEP is in this form already.")
    before = {"year": pep.year_group, "phase": pep.phase}
    pep.year_group, pep.phase = year, schoolyear.phase(year)
    pep.form_why = "" if year == year_of(pep) else why
    pep.save(update_fields=["year_group", "phase", "form_why"])
    _fit_sections(pep)
    log.record("pep.form_set", by=by, subject=pep, why=why, data={"before": before, "year": year, "phase": pep.phase})
    return pep


def _fit_sections(pep: Pep) -> None:
    sections = {section.key: section for section in pep.sections.prefetch_related("answers")}
    layout = layouts.of_version(pep.layout)
    for spec in layout.sections_for(_occasion(pep, [layout.section(key) for key in sections])):
        if spec.key not in sections:
            section_of(pep, spec)
    for key, section in sections.items():
        section.pep = pep
        _fit(section, layout.section(key))


def _occasion(pep: Pep, have: list[SectionSpec]) -> Occasion:
    """The circumstances of the PEP's sections, with moving on as the new year has it."""
    found = {spec.circumstance.value for spec in have if spec.circumstance} - {Circumstance.TRANSITION.value}
    moving = {Circumstance.TRANSITION.value} if pep.year_group in TRANSITION_YEARS else set()
    return Occasion(pep.phase, pep.kind, frozenset(found | moving), pep.year_group)


def _fit(section: PepSection, spec: SectionSpec) -> None:
    section.other_form = not spec.is_of(section.pep.phase, section.pep.kind, section.pep.year_group)
    if not section.other_form and section.state == SectionState.COMPLETE and missing_fields(section):
        section.state, section.completed_by, section.completed_at = SectionState.STARTED, None, None
    section.save(update_fields=["other_form", "state", "completed_by", "completed_at"])
