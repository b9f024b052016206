"""Making a link for somebody without an account, binding it to their device, taking it back; and children who are sent none."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from children.models import Child
from peps import policies_voice as policies
from peps import voice_links
from peps.actions.stepping import locked, locked_link
from peps.enums import Audience, LinkPurpose
from peps.models import NoLinks, Pep, VoiceLink
from peps.voice import prompts
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import rules


@dataclass(frozen=True)
class Made:
    """A new link and its token, which nobody can be shown again."""

    link: VoiceLink
    token: str


@transaction.atomic
def make_link(*, pep: Pep, audience: Audience | str, purpose: LinkPurpose | str, asked_as: UUID, by: User) -> Made:
    """A link for one person, which works for as long as the rule ``voice.link.hours`` says.

    The same form sent twice makes one link: the first token, which nobody saw, stops working.

    Raises:
        Refused: when ``by`` may not, the child is sent no links, or the PEP does not ask now.
        Conflict: when the form was sent before and its link has been opened.
    """
    pep = locked(pep)
    require(policies.can_make_link(by, pep))
    require(policies.may_ask(pep, audience, purpose))
    token = voice_links.new_secret()
    made = VoiceLink.objects.select_for_update().filter(asked_as=asked_as, made_by=by, pep=pep).first()
    if made is not None:
        return Made(_again(made, token), token)
    hours = rules.value("voice.link.hours", on=today())
    made = VoiceLink.objects.create(
        pep=pep,
        audience=Audience(audience),
        purpose=LinkPurpose(purpose),
        digest=voice_links.digest(token),
        asked_as=asked_as,
        made_by=by,
        made_at=now(),
        expires_at=now() + timedelta(hours=hours),
        prompts=prompts.current(today()).version,
    )
    log.record("voice.link_made", by=by, subject=made, data={"audience": made.audience, "purpose": made.purpose})
    return Made(made, token)


def _again(made: VoiceLink, token: str) -> VoiceLink:
    if made.opened_at is not None or made.withdrawn_at is not None:
        raise Conflict("This link was made and used already. Make another.")
    made.digest = voice_links.digest(token)
    made.save(update_fields=["digest"])
    return made


@transaction.atomic
def open_link(*, token: str, device: str = "") -> tuple[VoiceLink, str] | None:
    """Bind the link to the device that opens it first.

    Args:
        device: what the device holds already from opening this link.

    Returns:
        the link and what the device has to hold from now on; None when there is nothing to open for this device.
    """
    found = voice_links.by_token(token)
    link = locked_link(found) if found else None
    if link is None or not voice_links.opens(link, token):
        return None
    if link.opened_at is not None:
        return (link, device) if voice_links.bound_to(link, device) else None
    secret = voice_links.new_secret()
    link.opened_at, link.device_digest = now(), voice_links.digest(secret)
    link.save(update_fields=["opened_at", "device_digest"])
    log.record("voice.link_opened", by=None, subject=link)
    return link, secret


@transaction.atomic
def withdraw_link(*, link: VoiceLink, by: User) -> None:
    """Take a link back. What was written and not given goes with it; what was given stays.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it was taken back already.
    """
    held = locked_link(link)
    require(policies.can_withdraw_link(by, held))
    if held.withdrawn_at is not None:
        raise Conflict("This link was taken back already.")
    _withdraw(held, by)


@transaction.atomic
def stop_links(*, child: Child, why: str, by: User) -> NoLinks:
    """From today no link is made for the child, and those that are about stop working.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when links are stopped already.
        ValueError: without a reason.
    """
    list(Pep.objects.select_for_update(of=("self",)).filter(child=child).order_by("pk"))
    child = Child.objects.select_for_update().get(pk=child.pk)
    require(policies.can_stop_links(by, child))
    if not why.strip():
        raise ValueError("Links are stopped with a reason.")
    if NoLinks.objects.current().filter(child=child).exists():
        raise Conflict("This child is sent no links already.")
    stopped = NoLinks.objects.create(child=child, start=today(), why=why.strip(), set_by=by)
    open_links = VoiceLink.objects.select_for_update(of=("self",)).select_related("pep")
    for link in open_links.filter(pep__child=child, withdrawn_at=None, finished_at=None):
        _withdraw(link, by)
    log.record("voice.links_stopped", by=by, subject=stopped, why=why)
    return stopped


@transaction.atomic
def begin_links_again(*, child: Child, by: User) -> None:
    """The reason is gone.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when links are not stopped.
    """
    require(policies.can_begin_links_again(by, child))
    stopped = NoLinks.objects.current().select_for_update().filter(child=child).first()
    if stopped is None:
        raise Conflict("Links are not stopped for this child.")
    stopped.end, stopped.ended_by = today(), by
    stopped.save(update_fields=["end", "ended_by"])
    log.record("voice.links_begun_again", by=by, subject=stopped)


def _withdraw(link: VoiceLink, by: User) -> None:
    link.withdrawn_at, link.withdrawn_by, link.draft = now(), by, {}
    link.save(update_fields=["withdrawn_at", "withdrawn_by", "draft"])
    log.record("voice.link_withdrawn", by=by, subject=link)
