"""Who may do what on the roll. Reach comes first: nobody acts on a child whom their role does not reach of itself.

An open grant, a broken glass above all, lets somebody read (``visible_to``) and not act (``in_own_reach``).

``None`` stands for the service itself (imports, the demonstration authority): an action does not ask a policy then.
"""

from typing import Any

from django.db.models import QuerySet

from children.enums import RelationKind
from children.models import (
    Child,
    ChildFile,
    Enquiry,
    Enrolment,
    HostedChild,
    Note,
    PreviouslyInCare,
    Relationship,
    School,
    SchoolJudgement,
)
from children.querysets import user_and_covered
from children.schooling import is_asked
from virtualschool.accounts import roles
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"
DEVON = "Devon Virtual School: information for IROs and social workers"
CALDERDALE = "Calderdale: the role of the Virtual School"
EXTENDED_ROLE = "The extended role of the Virtual School"

# The roles that do each kind of work; a Virtual School Head stands in for their own staff.
ROLES_FOR: dict[str, frozenset[str]] = {
    RelationKind.SOCIAL_WORKER: frozenset({roles.SOCIAL_WORKER.name, roles.MANAGER.name}),
    RelationKind.IRO: frozenset({roles.IRO.name}),
    RelationKind.ADVOCATE: frozenset({roles.ALA.name, roles.VSH.name}),
    RelationKind.COORDINATOR: frozenset({roles.COORDINATOR.name, roles.VSH.name}),
    RelationKind.SUPPORT: frozenset({roles.SUPPORT.name}),
}


def can_keep_roll(user: User) -> Verdict:
    """Takes in new children, records leavers, and keeps enrolment and care placements."""
    return _does(user, Act.KEEP_ROLL, "The roll is kept by the Virtual School's coordinators and business support.")


def can_keep_roll_of(user: User, child: Child) -> Verdict:
    return can_keep_roll(user) & _reaches(user, child)


def can_answer_some_education(user: User) -> Verdict:
    """Says what a change of care placement means for school: those who keep the roll, the advocates, and social workers with their
    managers, who know it first ("Devon Virtual School: information for IROs and social workers")."""
    words = "What a care placement means for school is said by the child’s social worker and the Virtual School."
    return _does(user, Act.ANSWER_EDUCATION, words)


def can_answer_education(user: User, child: Child) -> Verdict:
    """Of a child in their own reach who is of an age for school."""
    young = refuse("This is asked of children from Reception to Year 13.", DEVON)
    asked = is_asked(child.date_of_birth, today())
    return can_answer_some_education(user) & _reaches(user, child) & (ALLOW if asked else young)


def can_record_need(user: User, child: Child) -> Verdict:
    """Records special educational needs and plans: those who keep the roll, and for now nobody else.

    A designated teacher knows the needs best and tells them in the PEP; the record that figures and returns are made of has one
    set of hands, because a plan belongs to a council and not to the school.
    """
    return can_keep_roll_of(user, child)


def can_reopen(user: User, child: Child) -> Verdict:
    """Whether a leaver entered by mistake may be put back; a sealed record is opened by two named people together, not here."""
    sealed = refuse("This record is closed.", WHO_DOES_WHAT) if child.sealed else ALLOW
    return can_keep_roll(user) & sealed


def can_end_enrolment(user: User, enrolment: Enrolment) -> Verdict:
    return can_keep_roll_of(user, enrolment.child)


def can_record_some_review(user: User) -> Verdict:
    """Records the days of care reviews; ``can_record_review`` asks for the child too."""
    words = (
        "The day of a care review is recorded by its reviewing officer, the social worker and those who keep the roll."
    )
    return _does(user, Act.RECORD_REVIEW, words)


def can_record_review(user: User, child: Child) -> Verdict:
    return can_record_some_review(user) & _reaches(user, child)


# ---------------------------------------------------------------- who works with a child


def can_allocate_some(user: User) -> Verdict:
    """Allocates some worker to some child; ``can_allocate_to`` says which."""
    if user.may(Act.ALLOCATE) or user.may(Act.ALLOCATE_IN_TEAM):
        return ALLOW
    return refuse("Allocation is kept by the Virtual School, and within a team by its manager.", WHO_DOES_WHAT)


def can_allocate(user: User, child: Child) -> Verdict:
    return can_allocate_some(user) & _reaches(user, child)


def can_allocate_to(user: User, child: Child, kind: str, who: User | Organisation) -> Verdict:
    """A team manager moves children between the social workers of their own team, and nothing else."""
    allowed = can_allocate(user, child)
    if not allowed or user.may(Act.ALLOCATE):
        return allowed
    if kind == RelationKind.SOCIAL_WORKER and isinstance(who, User) and works_in_team_of(user, who):
        return ALLOW
    return refuse("A team manager reassigns a child to a social worker of their own team.", WHO_DOES_WHAT)


def can_end_some(user: User) -> Verdict:
    """Ending a tie without naming the next person takes the child out of the team's sight, so a team manager does not do it."""
    return _does(user, Act.ALLOCATE, "A team manager names the next social worker instead of ending the allocation.")


def can_end_relationship(user: User, relationship: Relationship) -> Verdict:
    return can_end_some(user) & _reaches(user, relationship.child)


def works_in_team_of(manager: User, worker: User) -> bool:
    """Whether the worker belongs today to a social work team of the manager, or of a manager they cover for."""
    return bool(colleagues(manager).filter(user=worker.pk).exists())


def colleagues(manager: User) -> "QuerySet[Any, Any]":
    """Who belongs today to those teams, as a sub-query of users."""
    teams = Membership.objects.current().filter(
        user__in=user_and_covered(manager), organisation__kind=Organisation.Kind.TEAM
    )
    found: QuerySet[Any, Any] = Membership.objects.current().filter(organisation__in=teams.values("organisation"))
    return found.values("user")


# ---------------------------------------------------------------- notes and files


def can_read_notes(user: User, child: Child) -> Verdict:
    if user.reads(FieldGroup.NARRATIVE):
        return ALLOW
    return refuse("Your role does not read notes on children.", WHO_DOES_WHAT)


def can_write_some_note(user: User) -> Verdict:
    """What the role says; ``can_write_note`` asks for the child too."""
    if user.may(Act.WRITE_NOTES) and user.reads(FieldGroup.NARRATIVE):
        return ALLOW
    return refuse("Your role does not write notes on children.", WHO_DOES_WHAT)


def can_write_note(user: User, child: Child) -> Verdict:
    return can_write_some_note(user) & _reaches(user, child)


def can_edit_note(user: User, note: Note) -> Verdict:
    """Its author, for as long as they reach the child and their role writes notes."""
    if note.author_id != user.pk:
        return refuse("Only its author may change a note. Write a note of your own beside it.", WHO_DOES_WHAT)
    return can_write_note(user, note.child)


def can_see_files(user: User, child: Child) -> Verdict:
    """Every role that reads anything of the child; the list holds only files of the kinds that the role reads."""
    if user.role_class.reads:
        return ALLOW
    return refuse("Your role does not read children's records.", WHO_DOES_WHAT)


def can_keep_some_files(user: User) -> Verdict:
    """What the role says; ``can_keep_files`` asks for the child too."""
    return _does(user, Act.KEEP_FILES, "Your role does not add files to children's records.")


def can_keep_files(user: User, child: Child) -> Verdict:
    return can_keep_some_files(user) & _reaches(user, child)


def can_read_file(user: User, file: ChildFile) -> Verdict:
    """The door has looked it up: the child is reached, the kind of information read, and the file not removed."""
    return can_see_files(user, file.child)


def can_remove_some(user: User, file: ChildFile) -> Verdict:
    """Whoever added it, or the Virtual School Head; of a child on a list that the reader has been given."""
    if file.matter:
        return refuse("This file belongs to a PEP: it is removed there, while the PEP is open.", WHO_DOES_WHAT)
    if user.may(Act.KEEP_FILES) and (file.uploaded_by_id == user.pk or user.may(Act.OVERRIDE)):
        return ALLOW
    return refuse("A file is removed by the person who added it or by the Virtual School Head.", WHO_DOES_WHAT)


def can_remove_file(user: User, file: ChildFile) -> Verdict:
    return can_remove_some(user, file) & _reaches(user, file.child)


# ---------------------------------------------------------------- schools


def can_look_up_schools(user: User) -> Verdict:
    """Everybody who reads of children; a designated teacher finds their own schools."""
    if user.role_class.reads:
        return ALLOW
    return refuse("Your role does not work with schools.", WHO_DOES_WHAT)


def can_see_school(user: User, school: School) -> Verdict:
    return can_look_up_schools(user)


def can_carry_on(user: User, school: School) -> Verdict:
    """Carries on the places of the children of a school that closed, at the school that took its place."""
    return can_keep_roll(user)


def can_keep_judgements(user: User, school: School) -> Verdict:
    """Records what an inspection found; a designated teacher's own school is told to them, not by them."""
    return _does(user, Act.KEEP_SCHOOLS, "Inspection outcomes are recorded by the Virtual School.")


def can_correct_judgement(user: User, judgement: SchoolJudgement) -> Verdict:
    return can_keep_judgements(user, judgement.school)


# ---------------------------------------------------------------- the other cohorts


def can_advise(user: User) -> Verdict:
    """Keeps the register of children previously in care."""
    return _does(
        user,
        Act.ADVISE_PREVIOUSLY_IN_CARE,
        "Advice on children previously in care is given by the Virtual School's advocates.",
    )


def can_keep_previously_in_care(user: User, record: PreviouslyInCare) -> Verdict:
    return can_advise(user)


def can_advise_on(user: User, record: PreviouslyInCare) -> Verdict:
    """Advice on one child needs the standing agreement of a person with parental responsibility, and evidence of status."""
    allowed = can_advise(user)
    if not allowed:
        return allowed
    if record.agreed_on is None or not record.agreed_by:
        return refuse("A person with parental responsibility has not agreed to advice on this child.", CALDERDALE)
    if record.agreement_withdrawn_on is not None and record.agreement_withdrawn_on <= today():
        return refuse("The agreement to advice on this child was withdrawn.", CALDERDALE)
    if record.evidence_seen_on is None or not record.evidence:
        return refuse("Nobody has seen evidence that this child was in care.", CALDERDALE)
    return ALLOW


def can_answer_enquiry(user: User, enquiry: Enquiry) -> Verdict:
    return can_advise_on(user, enquiry.about)


def can_see_hosted(user: User) -> Verdict:
    """Reads the register of children whom other councils placed here."""
    if user.may(Act.KEEP_ROLL) or user.may(Act.ADVISE_PREVIOUSLY_IN_CARE):
        return ALLOW
    return refuse("This register is the Virtual School's own.", WHO_DOES_WHAT)


def can_keep_hosted(user: User) -> Verdict:
    return _does(
        user, Act.KEEP_ROLL, "This register is kept by the Virtual School's coordinators and business support."
    )


def can_end_hosted(user: User, hosted: HostedChild) -> Verdict:
    return can_keep_hosted(user)


def can_read_figures(user: User) -> Verdict:
    """Figures on children with a social worker or in kinship care; there is no page on one of them for anybody."""
    if user.may(Act.READ_COHORT_FIGURES):
        return ALLOW
    return refuse("These figures are for the Virtual School Head and the advocates.", EXTENDED_ROLE)


def _does(user: User, act: Act, words: str) -> Verdict:
    return ALLOW if user.may(act) else refuse(words, WHO_DOES_WHAT)


def _reaches(user: User, child: Child) -> Verdict:
    """By the role's own reach: an open grant, as a broken glass is, lets somebody read of a child and change nothing."""
    if Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return ALLOW
    return refuse("You do not work with this child now.", WHO_DOES_WHAT)
