"""Who may put a file into a PEP and take it out again. Who reads one is the file's own rule: its child, and its kind of information."""

from peps import layouts, policies, workflow
from peps.enums import FileKind, MeetingState, PepState
from peps.layouts import PepLayout
from peps.models import Pep, PepFile, PepMeeting, PepSection
from peps.policies import Standing
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

OVER = (MeetingState.REARRANGED, MeetingState.CANCELLED)


def group_of(section: PepSection | None, kind: str) -> FieldGroup:
    """Which kind of information a file holds: a drawing the child's voice, any other what its section holds, or the PEP's."""
    return group_in(layouts.of_version(section.pep.layout), section.key, kind) if section else _of_a_meeting(kind)


def group_in(layout: PepLayout, section: str, kind: str) -> FieldGroup:
    """As ``group_of``, for the key of a section of the layout; any other place is a meeting."""
    there = (spec.reads for spec in layout if spec.key == section and kind != FileKind.DRAWING)
    return next(there, _of_a_meeting(kind))


def _of_a_meeting(kind: str) -> FieldGroup:
    return FieldGroup.VOICE if kind == FileKind.DRAWING else FieldGroup.PEP


def can_attach_to_section(user: User, section: PepSection, at: Standing | None = None) -> Verdict:
    """Whoever may write the section, when their role reads what it holds."""
    allowed = policies.can_write_section(user, section, at)
    if allowed and not policies.reaches(user, section.pep, at):
        return refuse("Files are added by those who work with the whole PEP.", policies.ROLES)
    if allowed and not kinds_for(user, section):
        return refuse("Your role does not read what a file of this section would hold.", policies.ROLES)
    return allowed


def can_attach_to_meeting(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Those who work at the meeting, until the PEP is sent in."""
    if meeting.state in OVER:
        return refuse(f"This meeting is {meeting.get_state_display()}: add the file to the next one.", policies.ROLES)
    if policies.reaches(user, meeting.pep, at) and any(user.may(act) for act in policies.AT_THE_MEETING):
        return _open(meeting.pep)
    return refuse("Files are added by those who work with the child's PEP.", policies.ROLES)


def kinds_for(user: User, section: PepSection | None) -> list[FileKind]:
    """The kinds of file that the person may add here: those that they will read; a drawing where the child's views are, or at a meeting."""
    voice = section is None or group_of(section, FileKind.OTHER) == FieldGroup.VOICE
    return [kind for kind in FileKind if user.reads(group_of(section, kind)) and (voice or kind != FileKind.DRAWING)]


def can_take_out(user: User, pep_file: PepFile, at: Standing | None = None) -> Verdict:
    """Whoever added it, or the Virtual School Head, while its place is open to writing; never of a PEP that is complete."""
    if not policies.reaches(user, pep_file.pep, at):
        return refuse("A file is removed by somebody who works with the child's PEP.", policies.ROLES)
    if pep_file.file.uploaded_by_id != user.pk and not user.may(Act.OVERRIDE):
        return refuse("A file is removed by the person who added it or by the Virtual School Head.", policies.ROLES)
    opened = _open(pep_file.pep)
    if opened and pep_file.section and pep_file.pep.state == PepState.RETURNED and not pep_file.section.returned_why:
        return refuse("Only the sections that were returned are open.", policies.SEPARATION)
    return opened


def _open(pep: Pep) -> Verdict:
    if pep.state in workflow.WRITABLE:
        return ALLOW
    return refuse(f"The PEP is “{pep.get_state_display()}”: its files stay as they are.", policies.CONTENT)
