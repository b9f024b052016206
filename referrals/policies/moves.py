"""Who opens, proposes, is asked, decides and carries out a school move. Who proposes never approves."""

from children.models import Child
from referrals import workflow
from referrals.enums import Consultee, MoveState, StopKey
from referrals.models import Consultation, MoveDecision, NominatedOfficer, SchoolMove
from referrals.moving.stops import DEVON, REGULATION_10, SEPARATION, Outlook
from referrals.querysets import MOVE_ACTS
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES, Act, FieldGroup
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"
NOMINABLE = frozenset(role.name for role in ROLES.values() if Act.AGREE_MOVES in role.does)
# What the record of a case calls the deeds that say what is proposed.
WRITING = ("move.opened", "move.changed", "move.keep_answered", "move.school_added", "move.school_dropped")
# Whose name is asked for by its group alone (decision 0010).
NAMED: dict[str, FieldGroup] = {Consultee.CARER: FieldGroup.CARER, Consultee.PARENTS: FieldGroup.BIRTH_FAMILY}
ASKED_OF_SCHOOL = (Consultee.TEACHER_NOW,)


def can_read_moves(user: User) -> Verdict:
    """The list: those who propose, decide or carry out moves, and reviewing officers."""
    if any(user.may(act) for act in MOVE_ACTS):
        return ALLOW
    return refuse("Your role does not work with school moves.", WHO_DOES_WHAT)


def can_read(user: User, move: SchoolMove) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_moves(user)


def can_open_some(user: User) -> Verdict:
    """Opens a case for some child; ``can_open`` asks for the child too."""
    if user.may(Act.PROPOSE_MOVES):
        return ALLOW
    return refuse("A school move is opened by the social worker, their manager and the Virtual School.", DEVON)


def can_open(user: User, child: Child) -> Verdict:
    return can_open_some(user) & _reaches(user, child.pk)


def can_write(user: User, move: SchoolMove) -> Verdict:
    """What the case says, while it is a draft or an emergency that was acted on."""
    allowed = _proposes(user, move)
    if allowed and move.state not in workflow.MOVE_WRITABLE:
        return refuse("The case is not a draft now. Take it back to change what it says.", WHO_DOES_WHAT)
    return allowed


def can_answer_keep(user: User, move: SchoolMove) -> Verdict:
    """Whether the school could be kept: before it is proposed, and after an emergency until its account is given."""
    return _proposes(user, move) if move.owes_account else can_write(user, move)


def can_propose(user: User, move: SchoolMove) -> Verdict:
    return _proposes(user, move) & _when(move, "propose", "This case is not a draft.")


def can_revise(user: User, move: SchoolMove) -> Verdict:
    """Back to a draft: what was approved is approved no more, and has to be proposed anew."""
    return _proposes(user, move) & _when(move, "revise", "Nothing is proposed that could be taken back.")


def can_act(user: User, move: SchoolMove) -> Verdict:
    """Acts in an emergency, before anybody approves; an account is due afterwards. What was refused waits for somebody else's word."""
    allowed = _proposes(user, move) & _when(move, "act", "This case is past the point where an emergency is declared.")
    if not allowed or not _was_refused(move):
        return allowed
    if not user.may(Act.AGREE_MOVES):
        words = "This move was refused. Whether it cannot wait all the same is said by the Virtual School."
        return refuse(words, REGULATION_10)
    return _somebody_else(user, move)


def can_account(user: User, move: SchoolMove) -> Verdict:
    """Gives the account of an emergency, once."""
    allowed = _proposes(user, move)
    if allowed and move.acted_on is None:
        return refuse("This was no emergency; it needs no account.", DEVON)
    if allowed and move.accounted_on:
        return refuse("The account was given already.", DEVON)
    if allowed and move.changes_school and move.from_place_id is not None and move.keep_possible is None:
        return refuse("Say first whether the school could be kept. The question is always asked.", DEVON)
    return allowed


def can_withdraw(user: User, move: SchoolMove) -> Verdict:
    return _proposes(user, move) & _when(move, "withdraw", "This case is closed.")


def can_complete(user: User, move: SchoolMove) -> Verdict:
    """Closes a case that has led to where it should; those who agree moves."""
    return _agrees(user, move) & _when(move, "complete", "Nothing has happened yet that could be closed.")


def can_consult(user: User, move: SchoolMove) -> Verdict:
    """Writes down what somebody who was asked said."""
    if not (user.may(Act.PROPOSE_MOVES) or user.may(Act.RECORD_CONCERN)):
        return refuse("What was said is written down by the social worker and the Virtual School.", WHO_DOES_WHAT)
    if move.state not in (MoveState.PROPOSED, MoveState.ACTED):
        return refuse("People are asked once the move is proposed.", WHO_DOES_WHAT)
    return _reaches(user, move.child_id)


def can_write_down(user: User, view: Consultation) -> Verdict:
    """What somebody said, written for them; the SEN officers answer in their own matter, and nobody answers for them."""
    if view.consultee == Consultee.SEN:
        return refuse("The SEN officers answer in their own matter.", DEVON)
    return can_consult(user, view.move)


def can_answer_view(user: User, view: Consultation) -> Verdict:
    """Says what one thinks oneself: the designated teacher of the present school, and the reviewing officer for themself."""
    if view.move.state not in (MoveState.PROPOSED, MoveState.ACTED):
        return refuse("This move was decided, or taken back; nothing is asked any more.", WHO_DOES_WHAT)
    own = (view.consultee in ASKED_OF_SCHOOL and user.may(Act.SUBMIT_PEPS)) or (
        view.consultee == Consultee.IRO and user.may(Act.RECORD_CONCERN)
    )
    if own or (user.may(Act.PROPOSE_MOVES) and view.consultee != Consultee.SEN):
        return _reaches(user, view.move.child_id)
    return refuse("This is not asked of your role.", WHO_DOES_WHAT)


def can_read_view(user: User, view: Consultation) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return ALLOW


def reads_view(user: User, view: Consultation) -> bool:
    """Whether somebody reads what was said and not only that it was: a child's words with the voice, others' with narrative, one's own."""
    if view.answered_by_id == user.pk:
        return True
    return user.reads(FieldGroup.VOICE if view.consultee == Consultee.CHILD else FieldGroup.NARRATIVE)


def reads_name(user: User, view: Consultation) -> bool:
    """Whether somebody reads the name typed for who said it: a carer's and a parent's as the group that they belong to, others' as the words."""
    group = NAMED.get(view.consultee)
    return user.reads(group) or view.answered_by_id == user.pk if group else reads_view(user, view)


def can_except(user: User, move: SchoolMove) -> Verdict:
    """An exception from home education, another year group, or the line: the head's alone, and never for a move of their own."""
    if not user.may(Act.OVERRIDE):
        return refuse("Only the Virtual School Head makes an exception.", DEVON)
    if move.state not in (MoveState.DRAFT, MoveState.PROPOSED, MoveState.ACTED):
        return refuse("This move is decided; an exception would change nothing.", DEVON)
    return _somebody_else(user, move) & _reaches(user, move.child_id)


def can_decide_some(user: User, move: SchoolMove) -> Verdict:
    """Whether the person may open the page on which it is decided; ``can_decide`` says whether this move is theirs to decide."""
    if not user.may(Act.AGREE_MOVES):
        return refuse("Moves are decided by the Virtual School.", WHO_DOES_WHAT)
    return (
        _when(move, "approve", "Nothing is proposed that could be decided.")
        & _somebody_else(user, move)
        & _did_not_write(user, move)
        & _reaches(user, move.child_id)
    )


def can_decide(user: User, move: SchoolMove, ahead: Outlook) -> Verdict:
    """By whom the stops have it decided: the nominated officer, the Virtual School Head, or an advocate.

    A nomination counts for as long as its holder is of those who may be nominated.
    """
    allowed = can_decide_some(user, move)
    if not allowed:
        return allowed
    if ahead.has(StopKey.NOMINATED):
        if NominatedOfficer.objects.current().filter(user=user.pk).exists():
            return ALLOW
        words = "In Years 10 and 11 only the nominated officer decides, and you do not hold a nomination today."
        return refuse(words, REGULATION_10)
    if ahead.has(StopKey.HEAD) and not user.may(Act.DECIDE_MOVES):
        return refuse("A move in this year is decided by the Virtual School Head.", DEVON)
    return ALLOW


def can_apply_for(user: User, move: SchoolMove) -> Verdict:
    """Whether a place may be applied for: after the approval, or in an emergency. Who applies is a rule of its own."""
    if move.state in workflow.MOVE_PERMITTED:
        return _reaches(user, move.child_id)
    return refuse("A school place is applied for once the move is approved.", DEVON)


def can_enrol(user: User, move: SchoolMove) -> Verdict:
    """Puts the child on the new school's roll: those who keep the roll, once the move is approved."""
    if not user.may(Act.KEEP_ROLL):
        return refuse("The roll is kept by the Virtual School's coordinators and business support.", WHO_DOES_WHAT)
    return _when(move, "enrol", "The move is not approved, so nobody is put on a roll.") & _reaches(user, move.child_id)


def can_nominate(user: User) -> Verdict:
    """Records who the council nominated. The nomination is the council's; the head keeps the list of it, an advocate records the head's."""
    if user.may(Act.AGREE_MOVES):
        return ALLOW
    return refuse("The list of nominated officers is kept by the Virtual School Head.", REGULATION_10)


def can_nominate_this(user: User, officer: User) -> Verdict:
    """Nobody records their own nomination: a head's is recorded by another head or an advocate, every other by a head."""
    if officer.pk == user.pk:
        words = "Nobody records their own nomination. Another head or an advocate records yours."
        return refuse(words, SEPARATION)
    if user.may(Act.CHANGE_RULES) or officer.may(Act.CHANGE_RULES):
        return ALLOW
    return refuse("An advocate records the nomination of the Virtual School Head, and no other.", REGULATION_10)


def can_end_nomination(user: User, officer: NominatedOfficer) -> Verdict:
    if user.may(Act.CHANGE_RULES):
        return ALLOW
    return refuse("A nomination is ended by the Virtual School Head.", REGULATION_10)


def _proposes(user: User, move: SchoolMove) -> Verdict:
    return can_open_some(user) & _reaches(user, move.child_id)


def _agrees(user: User, move: SchoolMove) -> Verdict:
    if not user.may(Act.AGREE_MOVES):
        return refuse("Moves are decided and closed by the Virtual School.", WHO_DOES_WHAT)
    return _reaches(user, move.child_id)


def _was_refused(move: SchoolMove) -> bool:
    """Whether the last word of those who decide was a no."""
    last = MoveDecision.objects.filter(move=move).order_by("-pk").values_list("approved", flat=True).first()
    return last is False


def _somebody_else(user: User, move: SchoolMove) -> Verdict:
    if user.pk in (move.proposed_by_id, move.opened_by_id, move.acted_by_id):
        return refuse("You proposed this move, so somebody else decides it.", SEPARATION)
    return ALLOW


def _did_not_write(user: User, move: SchoolMove) -> Verdict:
    """Whoever changed what the case says, or its schools, has it decided by another, whoever pressed the button."""
    said = AuditEvent.objects.filter(subject_type=SchoolMove._meta.label, subject_id=str(move.pk), verb__in=WRITING)
    if said.filter(by=str(user.pk)).exists():
        return refuse("You wrote part of what is proposed, so somebody else decides it.", SEPARATION)
    return ALLOW


def _when(move: SchoolMove, event: str, words: str) -> Verdict:
    return ALLOW if workflow.MOVE.allows(move.state, event) else refuse(words, WHO_DOES_WHAT)


def _reaches(user: User, child_id: int) -> Verdict:
    """By the role's own reach: an open grant, as a broken glass is, only reads."""
    if Child.objects.in_own_reach(user).filter(pk=child_id).exists():
        return ALLOW
    return refuse("You do not work with this child now.", WHO_DOES_WHAT)
