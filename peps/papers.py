"""For whom a PEP is put on paper, and what each of them may be given of it."""

from django.db.models import TextChoices

from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ONLY_BY_NAME, FieldGroup


class Recipient(TextChoices):
    MYSELF = "myself", "me"
    SCHOOL = "school", "the school"
    SOCIAL_WORK = "social_work", "the social worker"
    REVIEWING = "reviewing", "the Independent Reviewing Officer"
    FAMILY = "family", "the child, the carer or a parent"


# What is in no output unless it is asked for by name; the social worker decides who may know where a child lives.
BY_NAME = {FieldGroup.CARER: "Who cares for the child", FieldGroup.ADDRESS: "Where the child lives"}
HAS = {
    Recipient.SCHOOL: roles.TEACHER.reads,
    Recipient.SOCIAL_WORK: roles.SOCIAL_WORKER.reads,
    Recipient.REVIEWING: roles.IRO.reads,
    # What the child has said and what was agreed with them; a carer or a parent has no part in legal or health facts here.
    Recipient.FAMILY: frozenset(
        {FieldGroup.IDENTITY, FieldGroup.EDUCATION, FieldGroup.ATTENDANCE, FieldGroup.PEP, FieldGroup.VOICE}
    ),
}
MAY_KNOW_WHERE = frozenset({Recipient.MYSELF, Recipient.SOCIAL_WORK})


def groups_for(user: User, recipient: Recipient, asked: frozenset[FieldGroup] = frozenset()) -> frozenset[FieldGroup]:
    """The kinds of information on the paper: what its maker reads and its recipient may have.

    Address and carer are on it only when they were asked for, and for nobody who does not keep them already.
    """
    reads = user.role_class.reads
    given = reads & HAS.get(recipient, reads)
    named = asked & reads if recipient in MAY_KNOW_WHERE else frozenset()
    return (given - ONLY_BY_NAME) | (named & frozenset(BY_NAME))
