"""Mail that came back: reading a delivery status notification (RFC 3464), and marking the messages and the person it was for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from smtplib import SMTPRecipientsRefused

from django.db import transaction

from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now

LARGEST = 10 * 1024 * 1024
LONGEST = 300


class NotABounce(ValueError):
    """What was read is no notification that a mail of this service came back; the message says why."""


@dataclass(frozen=True)
class Bounce:
    """A mail that was not delivered. ``for_good``: the other side says that trying again is of no use."""

    mail_id: str
    addresses: tuple[str, ...]
    because: str
    for_good: bool


def read(content: bytes) -> Bounce:
    """The notification in a mail as it was received.

    Raises:
        NotABounce: when it is not a delivery status notification, or does not return the mail it is about.
    """
    if not content.strip():
        raise NotABounce("The file is empty.")
    if len(content) > LARGEST:
        raise NotABounce("The file is larger than 10 MB.")
    mail = message_from_bytes(content, policy=policy.default)
    if mail.get_content_type() != "multipart/report" or mail.get_param("report-type") != "delivery-status":
        raise NotABounce("This is not a delivery status notification (RFC 3464).")
    returned = _returned(mail)
    status = _recipient(mail)
    said = _words(status.get("Diagnostic-Code", "")).partition(";")[2].strip() or "The server gave no reason"
    code, action = _words(status.get("Status", "")), _words(status.get("Action", "")).lower()
    addresses = [_words(status.get(name, "")).partition(";")[2] for name in ("Original-Recipient", "Final-Recipient")]
    return Bounce(
        mail_id=_words(returned.get("Message-ID", "")),
        addresses=tuple(address.strip() for address in (*addresses, *_written_to(returned)) if address.strip()),
        because=f"{code} {said}".strip()[:LONGEST],
        for_good=action == "failed" and not code.startswith("4"),
    )


@transaction.atomic
def record(bounce: Bounce) -> list[Message]:
    """Mark what came back, once: the messages that left in that mail, and the person, while their address is still the one it went to.

    Raises:
        NotABounce: when the mail was not one of this service.
    """
    messages = list(Message.objects.select_for_update(of=("self",)).filter(mail_id=bounce.mail_id).order_by("pk"))
    if not bounce.mail_id or not messages:
        raise NotABounce(f"No mail of this service has the Message-ID {bounce.mail_id or '(none)'}.")
    new = [message for message in messages if message.bounced_at is None]
    if bounce.for_good and new:
        came_back(new, because=bounce.because, addresses=bounce.addresses)
    return messages


def came_back(messages: Sequence[Message], *, because: str, addresses: Iterable[str]) -> None:
    """Mark one person's messages, and the person."""
    at = now()
    Message.objects.filter(pk__in=[one.pk for one in messages]).update(bounced_at=at, bounced_because=because[:LONGEST])
    person = User.objects.select_for_update(of=("self",)).get(pk=messages[0].to_id)
    if person.email.lower() in {address.lower() for address in addresses}:
        person.email_bounced_at = at
        person.save(update_fields=["email_bounced_at"])
        log.record("person.mail_came_back", by=None, subject=person, why=because)


def refused_for_good(error: Exception) -> str:
    """What the mail server said when it would not take the address, now or later (a 5 in SMTP); empty for any other error."""
    if not isinstance(error, SMTPRecipientsRefused):
        return ""
    for code, said in error.recipients.values():
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        if 500 <= code < 600:
            return " ".join(f"{code} {words}".split())[:LONGEST]
    return ""


def _recipient(mail: EmailMessage) -> EmailMessage:
    """The fields about the recipient: the second block of the delivery status, whose first is about the server."""
    part = next((one for one in mail.walk() if one.get_content_type() == "message/delivery-status"), None)
    blocks = part.get_payload() if part is not None else []
    found = [block for block in blocks if isinstance(block, EmailMessage) and block.get("Final-Recipient")]
    if len(found) != 1:
        raise NotABounce(f"It tells of {len(found) or 'no'} recipients. Each mail of this service goes to one.")
    return found[0]


def _returned(mail: EmailMessage) -> EmailMessage:
    """The mail that came back, or its headers."""
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822":
            inside = part.get_payload()
            if isinstance(inside, list) and inside:
                return inside[0]
        if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            content = part.get_payload(decode=True)
            return message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
    raise NotABounce("It does not return the mail that it is about, so nobody can say which one came back.")


def _written_to(returned: EmailMessage) -> list[str]:
    return [address for _, address in getaddresses([_words(one) for one in returned.get_all("To", [])])]


def _words(header: object) -> str:
    """A header on one line, without what a screen could misread."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(header)).split())
