"""Who opens matters for the SEN team, who records what becomes of them, and who reads them.

The Virtual School opens them: it knows of the move, the review and the change of phase first, and opening one lets SEN officers reach a
child. What the council decides on a plan is the SEN team's to record. Business support keeps the record of need itself, as for every
child; a decision recorded here is carried into that record once.
"""

from children.models import Child
from referrals.enums import SenEvent, SenKind
from referrals.models import SenMatter
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

WHO_DOES_WHAT = "Roles of the Virtual School"
DEVON = "Devon Virtual School: information for IROs and social workers"
REGULATIONS = "Special Educational Needs and Disability Regulations 2014"


def can_read_matters(user: User) -> Verdict:
    """The SEN team, the Virtual School, and the child's social worker and manager."""
    if user.may(Act.READ_SEN):
        return ALLOW
    return refuse("Matters of the SEN team are read by it, by the Virtual School and by social workers.", WHO_DOES_WHAT)


def can_read_of(user: User, child: Child) -> Verdict:
    """The door has looked the child up through ``visible_to``."""
    return can_read_matters(user)


def can_read_matter(user: User, matter: SenMatter) -> Verdict:
    """The door has looked it up through ``visible_to``."""
    return can_read_matters(user)


def can_open_some(user: User) -> Verdict:
    """The head, the advocates and the coordinators: opening a matter shows a child to the SEN officers, so few do it."""
    if user.may(Act.OPEN_SEN):
        return ALLOW
    return refuse(
        "A matter is opened by the Virtual School Head, an Area Learning Advocate or a coordinator, because it lets SEN officers reach "
        "the child. A social worker tells the Virtual School, and a move proposed for a child with a plan tells the SEN team by itself.",
        DEVON,
    )


def can_open(user: User, child: Child) -> Verdict:
    return can_open_some(user) & _own(user, child)


def can_consult(user: User, matter: SenMatter) -> Verdict:
    """The SEN team asks a school beside a matter that is open to it; so does whoever may open one."""
    if not matter.open:
        return refuse("This matter is closed, so no school is asked for it.", WHO_DOES_WHAT)
    if matter.kind == SenKind.CONSULTATION:
        return refuse("This is a school that is asked already. Ask another beside the matter itself.", WHO_DOES_WHAT)
    if user.may(Act.ANSWER_SEN):
        return _reached(user, matter)
    return can_open(user, matter.child)


def can_record(user: User, matter: SenMatter) -> Verdict:
    """What the council decides of a plan: its SEN team, and the Virtual School Head on the word of a council that has nobody here."""
    if user.may(Act.ANSWER_SEN):
        return _reached(user, matter)
    return refuse(
        "What becomes of a plan is the council’s to decide and its SEN team’s to record; the Virtual School Head records it where the plan "
        "is another council’s and nobody of that council signs in here.",
        REGULATIONS,
    )


def can_close(user: User, matter: SenMatter) -> Verdict:
    """Whoever opens matters, or records them. A notice closes with the move that it is about."""
    if matter.kind == SenKind.MOVE:
        return refuse("A notice closes with the move that it is about.", DEVON)
    return _reached(user, matter) if user.may(Act.ANSWER_SEN) else can_open(user, matter.child)


def can_set_pep_beside(user: User, matter: SenMatter) -> Verdict:
    """The coordinators and the head know when the PEP meets; the SEN team reads no PEP and is shown this one day."""
    if user.may(Act.PLAN_PEPS) and user.may(Act.READ_SEN):
        return _own(user, matter.child)
    return refuse("The day of the PEP meeting is set by the coordinators, who plan PEPs.", WHO_DOES_WHAT)


def can_take(user: User, matter: SenMatter, event: SenEvent | str) -> Verdict:
    """Whether this person takes this step, whenever that is."""
    special = {SenEvent.CLOSE: can_close, SenEvent.PEP_BESIDE: can_set_pep_beside}
    return special.get(SenEvent(event), can_record)(user, matter)


def can_take_some(user: User, matter: SenMatter) -> Verdict:
    """Takes one step or another: the gate of the page; ``can_take`` asks which."""
    return can_record(user, matter) if not user.may(Act.OPEN_SEN) else _own(user, matter.child)


def _own(user: User, child: Child) -> Verdict:
    if Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return ALLOW
    return refuse("You do not work with this child.", WHO_DOES_WHAT)


def _reached(user: User, matter: SenMatter) -> Verdict:
    """An SEN officer works by grants alone; whoever else records needs their own reach."""
    reached = SenMatter.objects.visible_to(user).filter(pk=matter.pk).exists()
    return ALLOW if reached else refuse("This matter is not open to you.", WHO_DOES_WHAT)
