"""Who may do what in a PEP, and by which rule. When it may happen is ``workflow``.

Everybody here is a person whose own role reaches the child: somebody let in for a matter of another kind reads and does nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from children.models import Child
from peps import layouts, workflow
from peps.enums import MeetingState, Owner, PepState, Response, Seat, SectionState
from peps.layouts import When
from peps.models import MeetingAction, MeetingInvitation, Pep, PepCost, PepMeeting, PepSection, PepTarget
from peps.people import NAMED_FOR, SEATS, WRITERS
from virtualschool.accounts.models import Cover, User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.dates import LONDON, today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

ROLES = "Roles of the Virtual School"
GUIDANCE = "Promoting the education of looked-after and previously looked-after children (DfE, February 2018)"
CONTENT = "Care Planning, Placement and Case Review (England) Regulations 2010, Schedule 1 paragraph 2"
SEPARATION = "Devon Virtual School: information for IROs and social workers"

ACT_OF_OWNER = {
    Owner.SOCIAL_WORKER: Act.WRITE_SOCIAL_WORK_SECTIONS,
    Owner.DESIGNATED_TEACHER: Act.WRITE_SCHOOL_SECTIONS,
    Owner.KEY_ADULT: Act.GATHER_VOICE,
    Owner.CARER: Act.GATHER_VOICE,
    Owner.VIRTUAL_SCHOOL: Act.PLAN_PEPS,
}
# Sections whose answers are rows of their own, on the page of the targets.
WITH_ROWS = frozenset({"targets", "last_targets"})
ARRANGING = (Act.PLAN_PEPS, Act.WRITE_SCHOOL_SECTIONS)
AT_THE_MEETING = (Act.PLAN_PEPS, Act.WRITE_SCHOOL_SECTIONS, Act.WRITE_SOCIAL_WORK_SECTIONS, Act.GRADE_PEPS)


AGREED = "Money was agreed for this when the PEP was approved, so it stays. Add another line instead."


@dataclass(frozen=True)
class Standing:
    """How somebody stands to one PEP: whether the child is theirs by role, whether they wrote any of it, which sections they were given."""

    own: bool
    wrote: bool
    asked: frozenset[int] = frozenset()


def standing(user: User, pep: Pep) -> Standing:
    """One query; a page that asks several policies asks this once and hands it on."""
    own = Child.objects.in_own_reach(user).filter(pk=OuterRef("child"))
    wrote = Pep.objects.written_by(user).filter(pk=OuterRef("pk"))
    asked = ArraySubquery(PepSection.objects.asked_of(user).filter(pep=OuterRef("pk")).order_by().values("pk"))
    found = Pep.objects.filter(pk=pep.pk).values_list(Exists(own), Exists(wrote), asked).get()
    return Standing(found[0], found[1], frozenset(found[2] or ()))


def reaches(user: User, pep: Pep, at: Standing | None = None) -> bool:
    """Whether the child is theirs by role: what most policies ask, and a far lighter query than the whole ``standing``."""
    return at.own if at else bool(Child.objects.in_own_reach(user).filter(pk=pep.child_id).exists())


# --- reading


def can_list(user: User) -> Verdict:
    """Roles that read PEPs."""
    if user.reads(FieldGroup.PEP):
        return ALLOW
    return refuse("Your role does not read PEPs.", ROLES)


def can_read(user: User, pep: Pep) -> Verdict:
    """The door has looked the PEP up through ``visible_to``; which parts the role reads is the layout's."""
    return can_list(user)


def can_read_section(user: User, section: PepSection) -> Verdict:
    """A section is read by roles that read at least one of its fields."""
    if readable_fields(user, section):
        return ALLOW
    title = layouts.of_version(section.pep.layout).section(section.key).title
    return refuse(f"Your role does not read “{title}”.", ROLES)


def readable_fields(user: User, section: PepSection) -> tuple[layouts.FieldSpec, ...]:
    """The section's fields that the person's role reads, of those this PEP asks."""
    return fields_in(user.role_class.reads, section)


def fields_in(groups: Collection[FieldGroup], section: PepSection) -> tuple[layouts.FieldSpec, ...]:
    """The section's fields of some kinds of information, of those this PEP asks."""
    spec = layouts.of_version(section.pep.layout).section(section.key)
    return spec.readable(section.pep.phase, section.pep.kind, groups, section.pep.year_group)


def can_name(user: User, seat: str) -> Verdict:
    """Whether the person reads, and so may write, the name of somebody without an account on the seat."""
    group = NAMED_FOR.get(Seat(seat))
    if group is None or user.reads(group):
        return ALLOW
    return refuse(f"Your role does not read the name of a {Seat(seat).label}: leave it out.", ROLES)


def can_take_by_name(user: User, seat: str) -> Verdict:
    """The seats that make it a PEP meeting are for people with accounts, so no name takes them."""
    if seat in WRITERS:
        return refuse(f"A {Seat(seat).label} comes with an account of their own.", CONTENT)
    return ALLOW


# --- planning


def can_open(user: User, child: Child) -> Verdict:
    """Those who plan PEPs open one by hand, for a child in care who is not on short breaks."""
    planner = _plans(user, own=Child.objects.in_own_reach(user).filter(pk=child.pk).exists())
    if planner and not Child.objects.counted().filter(pk=child.pk).exists():
        return refuse("There is a PEP only for a child in care, and none for a series of short breaks.", GUIDANCE)
    return planner


def can_plan(user: User) -> Verdict:
    return ALLOW if user.may(Act.PLAN_PEPS) else refuse("PEPs are planned by the PEP coordinators.", ROLES)


def can_chase(user: User) -> Verdict:
    """Those who plan PEPs see who still owes something for one, and remind them."""
    if user.may(Act.PLAN_PEPS):
        return ALLOW
    return refuse("Who still owes something for a PEP is seen by those who plan PEPs.", ROLES)


def can_take_chase_away(user: User) -> Verdict:
    """In a file: whoever may see the list and takes lists of children away."""
    if not user.may(Act.EXPORT):
        return refuse("Your role does not take lists of children away in a file.", ROLES)
    return can_chase(user)


def can_schedule(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Coordinators and support officers, and the school for its own children."""
    if pep.state not in workflow.BEFORE_MEETING:
        return refuse(f"The PEP is “{pep.get_state_display()}”: its meeting is over.", ROLES)
    return _arranges(user, own=reaches(user, pep, at))


def can_rearrange(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Whoever may arrange the meeting may arrange it again."""
    if meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {meeting.get_state_display()}.", ROLES)
    return _arranges(user, own=reaches(user, meeting.pep, at))


def can_cancel(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    if not pep.is_open:
        return refuse(f"The PEP is “{pep.get_state_display()}”.", ROLES)
    if pep.completed_on is not None:
        return refuse("This PEP was complete once, and what was agreed then stands. Finish the change instead.", ROLES)
    return _plans(user, own=reaches(user, pep, at))


def can_answer(user: User, invitation: MeetingInvitation) -> Verdict:
    """The person invited, or who covers for them; for somebody without an account, whoever arranges meetings."""
    if invitation.meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {invitation.meeting.get_state_display()}.", ROLES)
    if invitation.user is None:
        return _arranges(user, own=reaches(user, invitation.meeting.pep))
    if invitation.user == user or _covers(user, invitation.user):
        return ALLOW
    return refuse("An invitation is answered by the person it was sent to.", ROLES)


def can_hold(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Anybody who works at the meeting records that it was held, on its day or later, unless the social worker cannot come."""
    if meeting.state != MeetingState.PLANNED:
        return refuse(f"This meeting is {meeting.get_state_display()}.", ROLES)
    if not reaches(user, meeting.pep, at) or not any(user.may(act) for act in AT_THE_MEETING):
        return refuse("A meeting is recorded by those who work with the child's PEP.", ROLES)
    if meeting.starts_at.astimezone(LONDON).date() > today():
        return refuse("This meeting has not been held yet: it is recorded on its day or later.", ROLES)
    return _social_worker_comes(meeting)


def can_book_next(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """Those who work at the meeting, until the PEP is sent in."""
    if meeting.state != MeetingState.HELD or not workflow.PEP.allows(meeting.pep.state, "submit"):
        return refuse("The next meeting is booked between this one and the sending in.", ROLES)
    if reaches(user, meeting.pep, at) and any(user.may(act) for act in AT_THE_MEETING):
        return ALLOW
    return refuse("A meeting is booked by those who work with the child's PEP.", ROLES)


def can_run(user: User, meeting: PepMeeting, at: Standing | None = None) -> Verdict:
    """The page for the hour itself: those who work at the meeting, from its day on, until the PEP is sent in."""
    if not reaches(user, meeting.pep, at) or not any(user.may(act) for act in AT_THE_MEETING):
        return refuse("A meeting is recorded by those who work with the child's PEP.", ROLES)
    if meeting.state == MeetingState.PLANNED and meeting.starts_at.astimezone(LONDON).date() > today():
        return refuse("This meeting is still to come: its page opens on its day.", ROLES)
    planned, tidied = meeting.state == MeetingState.PLANNED, meeting.pep.state == PepState.MEETING_HELD
    if planned or (meeting.state == MeetingState.HELD and tidied):
        return ALLOW
    return refuse(f"This meeting is {meeting.get_state_display()}, and what was decided stands.", ROLES)


def can_see_end(user: User, meeting: PepMeeting) -> Verdict:
    """What is left after a meeting is read by whoever reads the PEP."""
    if meeting.state != MeetingState.HELD:
        return refuse(f"This meeting is {meeting.get_state_display()}: it is not over.", ROLES)
    return can_read(user, meeting.pep)


def can_change_action(user: User, action: MeetingAction) -> Verdict:
    """Whoever writes at the meeting that it was decided at, while it may be written."""
    return can_run(user, action.meeting)


def can_tick(user: User, action: MeetingAction, at: Standing | None = None) -> Verdict:
    """Those who work with the child's PEP say that something was done, also between meetings."""
    if reaches(user, action.meeting.pep, at) and any(user.may(act) for act in AT_THE_MEETING):
        return ALLOW
    return refuse("This is ticked by those who work with the child's PEP.", ROLES)


def can_count_as_held(meeting: PepMeeting, came: Collection[str], *, without_social_worker_why: str = "") -> Verdict:
    """Whether those who came make it a PEP meeting: the council's quorum, and its rule on an absent social worker.

    Args:
        came: the seats of those who were there.
        without_social_worker_why: counts only where the council's rule is ``allow_with_reason``.
    """
    pack = rules.pack(today(), "pep.")
    for role in pack.value("pep.quorum"):
        seat = SEATS[role]
        if seat in came or (seat == Seat.DESIGNATED_TEACHER and meeting.pep.school_id is None):
            continue
        if seat != Seat.SOCIAL_WORKER:
            return refuse(f"Without the {seat.label} this was not a PEP meeting.", pack.get("pep.quorum").source)
        absent = _without_social_worker(pack.get("pep.social_worker_absent"), without_social_worker_why)
        if not absent:
            return absent
    return ALLOW


# --- writing


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


def can_keep_targets(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Whoever may write the section of the new targets."""
    section = pep.sections.filter(key="targets").select_related("pep").first()
    return can_write_section(user, section, at) if section else refuse("This PEP has no targets section.", CONTENT)


def can_change_target(user: User, target: PepTarget, at: Standing | None = None) -> Verdict:
    return can_keep_targets(user, target.pep, at)


def can_remove_target(user: User, target: PepTarget) -> Verdict:
    """As its change, unless money was agreed for it."""
    if target.costs.filter(agreed=True).exists():
        return refuse(AGREED, CONTENT)
    return can_keep_targets(user, target.pep)


def can_change_cost(user: User, cost: PepCost, at: Standing | None = None) -> Verdict:
    """While nobody has agreed to it: what is agreed may have been paid."""
    if cost.agreed:
        return refuse(AGREED, CONTENT)
    return can_keep_targets(user, cost.target.pep, at)


def can_review_target(user: User, target: PepTarget) -> Verdict:
    """Whoever may write the review of last targets, in the PEP that follows."""
    following = PepSection.objects.filter(
        pep__previous=target.pep_id, key="last_targets", pep__state__in=workflow.WRITABLE
    )
    section = following.select_related("pep").order_by("pep").first()
    if section is None:
        return refuse("Targets are reviewed in the next PEP, before new ones are set.", CONTENT)
    return can_write_section(user, section)


def can_agree_exception(user: User, cost: PepCost) -> Verdict:
    """A line on the council's list of what is not paid for: a second person with the power to, where the rule lets anybody."""
    rule = rules.get("pp.excluded.exception", on=today())
    if rule.value == "refused":
        return refuse("The council makes no exceptions from what Pupil Premium Plus does not pay for.", rule.source)
    if not user.may(Act.OVERRIDE):
        return refuse("An exception is agreed by the Virtual School Head.", rule.source)
    if cost.asked_by_id == user.pk:
        return refuse("Somebody other than the person who asked must agree to an exception.", rule.source)
    return ALLOW


# --- sending in and answering


def can_submit(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """The designated teacher; for a child without a school, the social worker or the PEP coordinator."""
    own = reaches(user, pep, at)
    if not workflow.PEP.allows(pep.state, "submit"):
        return refuse(f"The PEP is “{pep.get_state_display()}”: it is sent in after its meeting.", GUIDANCE)
    if own and user.may(Act.SUBMIT_PEPS):
        return ALLOW
    if own and pep.school_id is None and (user.may(Act.WRITE_SOCIAL_WORK_SECTIONS) or user.may(Act.PLAN_PEPS)):
        return ALLOW
    return refuse("The PEP is sent in by the school's designated teacher.", GUIDANCE)


def can_grade(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """An advocate or the head of the Virtual School who wrote none of it, whatever their role was when they wrote."""
    at = at or standing(user, pep)
    if not user.may(Act.GRADE_PEPS) or not at.own:
        return refuse(
            "PEPs are quality-assured by the Area Learning Advocates and the Virtual School Head.", SEPARATION
        )
    if at.wrote:
        return refuse("You wrote part of this PEP, so somebody else answers it.", SEPARATION)
    return ALLOW


def can_amend(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Those who grade PEPs or plan them open a completed one; one that a later PEP has superseded is history."""
    if not workflow.PEP.allows(pep.state, "amend"):
        return refuse(f"The PEP is “{pep.get_state_display()}”: only a completed one is opened to be changed.", CONTENT)
    if (user.may(Act.GRADE_PEPS) or user.may(Act.PLAN_PEPS)) and reaches(user, pep, at):
        return ALLOW
    return refuse("A completed PEP is opened by the Virtual School: those who grade PEPs, and the coordinators.", ROLES)


def can_read_grade(user: User, pep: Pep) -> Verdict:
    """Whoever reads the PEP reads how it was graded: the feedback is for those who write the next one."""
    return can_read(user, pep)


# --- parts of the above


def _plans(user: User, *, own: bool) -> Verdict:
    if own and user.may(Act.PLAN_PEPS):
        return ALLOW
    return refuse("This is done by the PEP coordinators.", ROLES)


def _arranges(user: User, *, own: bool) -> Verdict:
    if own and any(user.may(act) for act in ARRANGING):
        return ALLOW
    return refuse("PEP meetings are arranged by the PEP coordinators and the child's school.", ROLES)


def _covers(user: User, other: User) -> bool:
    return bool(Cover.objects.current().filter(user=other, covered_by=user).exists())


def _social_worker_comes(meeting: PepMeeting) -> Verdict:
    """Before the meeting is recorded: a social worker who declined, or is not known, cannot have come."""
    rule = rules.get("pep.social_worker_absent", on=today())
    if rule.value != "rearrange":
        return ALLOW
    seats = [one for one in meeting.invitations.all() if one.seat == Seat.SOCIAL_WORKER]
    if any(one.user_id and one.response != Response.DECLINED for one in seats):
        return ALLOW
    why = "The social worker cannot come" if seats and seats[0].user_id else "No social worker is invited"
    return refuse(f"{why}, so the meeting has to be rearranged.", rule.source)


def _without_social_worker(rule: rules.InForce, why: str) -> Verdict:
    if rule.value == "rearrange":
        return refuse("The social worker was not there, so the meeting has to be rearranged.", rule.source)
    if not why.strip():
        return refuse("Say why the meeting went on without the social worker.", rule.source)
    return ALLOW


def _writes(user: User, section: PepSection, at: Standing | None) -> Verdict:
    spec = layouts.of_version(section.pep.layout).section(section.key)
    writers = set(spec.writers)
    if section.pep.school_id is None and Owner.DESIGNATED_TEACHER in writers:
        writers |= {Owner.SOCIAL_WORKER, Owner.VIRTUAL_SCHOOL}
    theirs = any(user.may(ACT_OF_OWNER[writer]) for writer in writers)
    if theirs and (reaches(user, section.pep, at) or was_given(user, section, at)):
        return ALLOW
    return refuse(f"“{spec.title}” is written by the {spec.owner.label}.", ROLES)


def was_given(user: User, section: PepSection, at: Standing | None = None) -> bool:
    """Whether the section was given to the person by name, and is now."""
    if at is not None:
        return section.pk in at.asked
    return bool(PepSection.objects.asked_of(user).filter(pk=section.pk).exists())


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
