"""Who writes, finishes, opens and gives away a section."""

from peps import layouts, workflow
from peps.enums import Owner, PepState, SectionState
from peps.layouts import When
from peps.models import Pep, PepSection
from peps.policies.reach import CONTENT, GUIDANCE, ROLES, SEPARATION, Standing, reaches, was_given
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

ACT_OF_OWNER = {
    Owner.SOCIAL_WORKER: Act.WRITE_SOCIAL_WORK_SECTIONS,
    Owner.DESIGNATED_TEACHER: Act.WRITE_SCHOOL_SECTIONS,
    Owner.KEY_ADULT: Act.GATHER_VOICE,
    Owner.CARER: Act.GATHER_VOICE,
    Owner.VIRTUAL_SCHOOL: Act.PLAN_PEPS,
}
# Sections whose answers are rows of their own, on the page of the targets.
WITH_ROWS = frozenset({"targets", "last_targets"})


def can_write_section(user: User, section: PepSection, at: Standing | None = None) -> Verdict:
    """The section's owner and those named beside it, and whoever was given it, while the PEP and the section are open."""
    allowed = _writes(user, section, at) & _open_to_writing(section)
    if allowed and section.state == SectionState.COMPLETE:
        return refuse("This section is finished. Open it again to change it.", CONTENT)
    return allowed


def can_complete_section(user: User, section: PepSection, at: Standing | None = None) -> Verdict:
    """Whoever may write it; what is agreed at the meeting is finished after the meeting."""
    allowed = can_write_section(user, section, at)
    spec = layouts.of_version(section.pep.layout).section(section.key)
    if allowed and spec.when is not When.BEFORE and section.pep.state in workflow.BEFORE_MEETING:
        return refuse("This is agreed at the meeting: finish it when the meeting has been held.", CONTENT)
    return allowed


def can_reopen_section(user: User, section: PepSection, at: Standing | None = None) -> Verdict:
    if section.state != SectionState.COMPLETE:
        return refuse("This section is open.", CONTENT)
    return _writes(user, section, at) & _open_to_writing(section)


def can_delegate(user: User, section: PepSection, at: Standing | None = None) -> Verdict:
    """The designated teacher, or whoever stands in for them, of an open section that the school writes; never whoever was given it."""
    if not user.may(Act.SUBMIT_PEPS) or not reaches(user, section.pep, at):
        return refuse("A section is given to a colleague by the school's designated teacher.", GUIDANCE)
    if section.key in WITH_ROWS:
        return refuse("Targets are agreed at the meeting and kept by the designated teacher.", GUIDANCE)
    return can_write_section(user, section, at)


def can_withdraw(user: User, section: PepSection) -> Verdict:
    """A section that was given away is taken back by whoever could give it, finished or not."""
    if not user.may(Act.SUBMIT_PEPS) or not reaches(user, section.pep):
        return refuse("A section is taken back by the school's designated teacher.", GUIDANCE)
    return ALLOW


def can_add_section(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Those who write the school's part, or plan PEPs, add a section that the PEP was opened without."""
    if pep.state not in workflow.WRITABLE or pep.state == PepState.RETURNED:
        return refuse(f"The PEP is “{pep.get_state_display()}”: no section is added now.", CONTENT)
    if not reaches(user, pep, at):
        return refuse("This child's PEP is written by those who work with the child.", ROLES)
    if user.may(Act.WRITE_SCHOOL_SECTIONS) or user.may(Act.PLAN_PEPS):
        return ALLOW
    return refuse("Sections are added by the school and the PEP coordinators.", ROLES)


def _writes(user: User, section: PepSection, at: Standing | None) -> Verdict:
    spec = layouts.of_version(section.pep.layout).section(section.key)
    writers = set(spec.writers)
    if section.pep.school_id is None and Owner.DESIGNATED_TEACHER in writers:
        writers |= {Owner.SOCIAL_WORKER, Owner.VIRTUAL_SCHOOL}
    theirs = any(user.may(ACT_OF_OWNER[writer]) for writer in writers)
    if theirs and (reaches(user, section.pep, at) or was_given(user, section, at)):
        return ALLOW
    return refuse(f"“{spec.title}” is written by the {spec.owner.label}.", ROLES)


def _open_to_writing(section: PepSection) -> Verdict:
    pep = section.pep
    if pep.state not in workflow.WRITABLE:
        return refuse(f"The PEP is “{pep.get_state_display()}”: nothing is written in it now.", CONTENT)
    if section.other_form:
        return refuse("This belongs to another phase’s form than the PEP has now. Its words stay, to be read.", CONTENT)
    if pep.state == PepState.RETURNED and not section.returned_why:
        return refuse("Only the sections that were returned are open.", SEPARATION)
    spec = layouts.of_version(pep.layout).section(section.key)
    if spec.when is When.AFTER and pep.state in workflow.BEFORE_MEETING:
        return refuse("This is written when the meeting has been held.", CONTENT)
    return ALLOW
