"""For whom a PEP is put on paper, and what each of them may be given of it."""

from django.db.models import TextChoices

from peps.enums import Audience
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ONLY_BY_NAME, FieldGroup


class Recipient(TextChoices):
    MYSELF = "myself", "me"
    SCHOOL = "school", "the school"
    SOCIAL_WORK = "social_work", "the social worker"
    REVIEWING = "reviewing", "the Independent Reviewing Officer"
    CHILD = "child", "the child"
    CARER = "carer", "the carer"
    PARENT = "parent", "a parent"


# What is in no output unless it is asked for by name; the social worker decides who may know where a child lives.
BY_NAME = {FieldGroup.CARER: "Who cares for the child", FieldGroup.ADDRESS: "Where the child lives"}
# What was agreed with the child; nobody of a family has a part in legal or health facts here. Whose voice is ``voices_for``.
OF_A_FAMILY = frozenset(
    {FieldGroup.IDENTITY, FieldGroup.EDUCATION, FieldGroup.ATTENDANCE, FieldGroup.PEP, FieldGroup.VOICE}
)
HAS = {
    Recipient.SCHOOL: roles.TEACHER.reads,
    Recipient.SOCIAL_WORK: roles.SOCIAL_WORKER.reads,
    Recipient.REVIEWING: roles.IRO.reads,
    Recipient.CHILD: OF_A_FAMILY,
    Recipient.CARER: OF_A_FAMILY,
    Recipient.PARENT: OF_A_FAMILY,
}
# Each reads what they said themselves. Who reads the child's words was told to the child, and neither of these is among them.
OWN_VOICE = {
    Recipient.CHILD: Audience.CHILD,
    Recipient.CARER: Audience.CARER,
    Recipient.PARENT: Audience.PARENT,
}
OF_A_CHILD = frozenset({Recipient.CARER, Recipient.PARENT})
MAY_KNOW_WHERE = frozenset({Recipient.MYSELF, Recipient.SOCIAL_WORK})


def groups_for(user: User, recipient: Recipient, asked: frozenset[FieldGroup] = frozenset()) -> frozenset[FieldGroup]:
    """The kinds of information on the paper: what its maker reads and its recipient may have.

    Address and carer are on it only when they were asked for, and for nobody who does not keep them already.
    """
    reads = user.role_class.reads
    given = reads & HAS.get(recipient, reads)
    named = asked & reads if recipient in MAY_KNOW_WHERE else frozenset()
    return (given - ONLY_BY_NAME) | (named & frozenset(BY_NAME))


def voices_for(recipient: Recipient, *, child_too: bool = False) -> frozenset[str]:
    """Whose words the paper holds: their own for the child, a carer and a parent, of everybody for those who work with the child.

    ``child_too`` adds the child's words to a carer's or a parent's paper; whether that may be is
    ``policies_voice.can_pass_on_words``.
    """
    if recipient not in OWN_VOICE:
        return frozenset(Audience)
    named = {Audience.CHILD} if child_too and recipient in OF_A_CHILD else set()
    return frozenset({OWN_VOICE[recipient], *named})
