"""Who asks a child, a carer or a parent by a link, who reads what they said, and who answers it."""

from children.models import Child
from peps import workflow
from peps.enums import Audience, LinkPurpose
from peps.models import NoLinks, Pep, PepAnswer, VoiceConcern, VoiceLink, YouSaid
from peps.policies import GUIDANCE, ROLES, Standing, can_read, reaches
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse
from virtualschool.rulebook import rules

ENDS_WITH = "voice.link.ends_with"
WHO_READS = ("my_views", "who_can_see")
EVERYBODY_THERE = "Everybody at my meeting"  # of the answers to that, the one that holds a carer and a parent
ARTICLE_12 = "United Nations Convention on the Rights of the Child, Article 12"


def can_read_voice(user: User, pep: Pep) -> Verdict:
    """Roles that read the child's voice."""
    if user.reads(FieldGroup.VOICE):
        return can_read(user, pep)
    return refuse("Your role does not read the child's voice.", ROLES)


def can_pass_on_words(user: User, pep: Pep) -> Verdict:
    """Give the child's words to a carer or a parent, of whom the child was told nothing: never against what the child said of it."""
    return can_read_voice(user, pep) and may_be_told_to_all(pep)


def may_be_told_to_all(pep: Pep) -> Verdict:
    """Whether the child's words may be where everybody at the meeting sees them: never against what the child said of it."""
    answers = PepAnswer.objects.filter(section__pep=pep, section__key=WHO_READS[0], field=WHO_READS[1])
    said = answers.values_list("value", flat=True).first()
    if said and said != EVERYBODY_THERE:
        return refuse(f"The child’s answer to who may read their words is “{said}”: ask the child first.", ARTICLE_12)
    return ALLOW


def can_gather(user: User, pep: Pep, at: Standing | None = None) -> Verdict:
    """Those who gather voice, for the children whom they reach by role."""
    if user.may(Act.GATHER_VOICE) and reaches(user, pep, at):
        return ALLOW
    return refuse("The child's voice is gathered by those who work with the child.", ROLES)


def can_make_link(user: User, pep: Pep) -> Verdict:
    """Those who gather voice; the form says whom they may ask now, and why not."""
    return can_gather(user, pep)


def may_ask(pep: Pep, audience: str, purpose: str) -> Verdict:
    """Whether a link for somebody may be made, and works, as the PEP stands: whoever holds it.

    It ends with the step of the PEP that the rule ``voice.link.ends_with`` names, and when the child is sent no links.
    """
    if NoLinks.objects.current().filter(child=pep.child_id).exists():
        return refuse("This child is sent no links: the reason stands with the PEP. Ask in person.", GUIDANCE)
    if not Child.objects.on_roll().filter(pk=pep.child_id).exists():
        return refuse("The child is not in care now.", GUIDANCE)
    if purpose == LinkPurpose.ANSWER:
        return _may_answer(pep, audience)
    rule = rules.get(ENDS_WITH, on=today())
    states = workflow.BEFORE_MEETING + (() if rule.value == "meeting" else (workflow.S.MEETING_HELD,))
    if pep.state in states:
        return ALLOW
    return refuse(f"The PEP is “{pep.get_state_display()}”: nobody is asked by a link now.", rule.source)


def _may_answer(pep: Pep, audience: str) -> Verdict:
    if audience != Audience.CHILD:
        return refuse("What became of the child's words is given back to the child.", ARTICLE_12)
    if pep.state not in workflow.HELD:
        return refuse("What became of the child's words is given back after the meeting.", ARTICLE_12)
    if not pep.you_said.exists():
        return refuse("Write first what the child said and what you did.", ARTICLE_12)
    return ALLOW


def can_withdraw_link(user: User, link: VoiceLink) -> Verdict:
    """Whoever made it, and whoever else may make one for the child."""
    return can_gather(user, link.pep)


def can_stop_links(user: User, child: Child) -> Verdict:
    """Anybody who gathers the child's voice may stop links at once; they are begun again by social work and the Virtual School."""
    if user.may(Act.GATHER_VOICE) and Child.objects.in_own_reach(user).filter(pk=child.pk).exists():
        return ALLOW
    return refuse("Links are stopped by those who gather the child's voice.", ROLES)


def can_begin_links_again(user: User, child: Child) -> Verdict:
    """Who knows why they were stopped: social work, and the advocates and head of the Virtual School."""
    knows = user.may(Act.WRITE_SOCIAL_WORK_SECTIONS) or user.may(Act.ANSWER_RISK)
    if knows and can_stop_links(user, child):
        return ALLOW
    return refuse("Links are begun again by the social worker or the Virtual School.", ROLES)


def can_read_concern(user: User, concern: VoiceConcern) -> Verdict:
    """The door has looked it up through ``visible_to``: whoever reaches the child and reads the child's voice."""
    return can_read_voice(user, concern.pep)


def can_answer_concern(user: User, concern: VoiceConcern) -> Verdict:
    """Those who answer for the child's safety here: social work, and the advocates and head of the Virtual School."""
    answers = user.may(Act.WRITE_SOCIAL_WORK_SECTIONS) or user.may(Act.ANSWER_RISK)
    if answers and reaches(user, concern.pep):
        return ALLOW
    source = rules.get("voice.harm.told", on=today()).source
    return refuse(
        "It is answered by the social worker, the manager or the Virtual School. Tell your designated safeguarding lead today.",
        source,
    )


def can_answer_child(user: User, pep: Pep) -> Verdict:
    """Write what became of the child's words: those who gather them, once the meeting has been held."""
    if pep.state not in workflow.HELD:
        return refuse("What became of the child's words is written after the meeting.", ARTICLE_12)
    return can_gather(user, pep)


def can_change_answer(user: User, row: YouSaid) -> Verdict:
    return can_answer_child(user, row.pep)


def can_give_back(user: User, pep: Pep) -> Verdict:
    """Once something is written to be given back."""
    allowed = can_answer_child(user, pep)
    if allowed and not pep.you_said.exists():
        return refuse("Write first what the child said and what you did.", ARTICLE_12)
    return allowed
