"""The outbox: nudges by mail. One tidy mail a day for each person, whatever waits; what is urgent goes at once.

A letter is a mail of its own, such as one with a calendar file: it goes at once, and its words are made when it leaves, from the
key alone, so that it says what is true then. One that says nothing any more is dropped.

A mail is marked after it was sent, with its rows locked meanwhile: a crash in between sends it twice under one Message-ID, and
never loses it. The list of work on the person's own page is the record; the mail says only that something waits.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string

from virtualschool.accounts.models import User
from virtualschool.jobs import backoff, bounces, doorbell
from virtualschool.jobs.enums import UNSENT, MailState
from virtualschool.jobs.models import Message, OutboxHold
from virtualschool.kernel.dates import LONDON, now, today

logger = logging.getLogger(__name__)
Lines = Callable[[Sequence[Message]], list[str]]
_words: dict[str, str] = {}
_lines: dict[str, Lines] = {}


@dataclass(frozen=True)
class Letter:
    """A mail of its own. No child is named in it; ``file`` is a name, what is in it, and its media type."""

    subject: str
    body: str
    file: tuple[str, bytes, str] | None = None


_letters: dict[str, Callable[[str], Letter | None]] = {}


def register_kind(kind: str, words: str, *, lines: Lines | None = None) -> None:
    """Say what a kind of message is called in the mail: ``register_kind("pep.section", "PEP sections to write")``.

    ``lines`` says it otherwise than by words and a number: it is given one person's messages of the kind, and names no child.
    """
    _words[kind] = words
    if lines is not None:
        _lines[kind] = lines


def register_letter(kind: str, make: Callable[[str], Letter | None]) -> None:
    """Say that messages of a kind are letters, and what makes one from its key: None when there is nothing to say any more."""
    _letters[kind] = make


def post(*, key: str, to: User, kind: str, due_at: datetime | None = None, urgent: bool = False) -> bool:
    """Nudge ``to`` once for ``key``, in the caller's transaction.

    Returns:
        False when it had been posted before.
    """
    return post_many({key: to}, kind=kind, due_at=due_at, urgent=urgent) == 1


def post_many(nudges: Mapping[str, User], *, kind: str, due_at: datetime | None = None, urgent: bool = False) -> int:
    """``post`` for many of one kind, as people by key, in two statements however many they are. Letters are always urgent.

    Returns:
        how many had not been posted before.
    """
    known = set(Message.objects.filter(key__in=nudges).values_list("key", flat=True))
    due_at, urgent = due_at or now(), urgent or kind in _letters
    new = [
        Message(key=key, to=to, kind=kind, urgent=urgent, due_at=due_at)
        for key, to in nudges.items()
        if key not in known
    ]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    if new and urgent:
        doorbell.ring("send_mail")
    return len(new)


def send_due(limit: int = 200) -> int:
    """Send what is due, one mail a person and the urgent first; nothing while the outbox is held.

    Whoever has had today's mail does not count towards ``limit``, so that nobody waits behind them.

    Returns:
        how many mails left.
    """
    if held():
        return 0
    leaving = Message.objects.leaving(now(), _midnight())
    waiting = leaving.order_by("-urgent", "to").values_list("to", "urgent").distinct()
    return sum(_send_to(user_id, urgent) for user_id, urgent in waiting[:limit])


def waiting() -> bool:
    """Whether a mail could leave now."""
    return not held() and Message.objects.leaving(now(), _midnight()).exists()


def held() -> bool:
    return OutboxHold.objects.filter(released_at=None).exists()


def hold(reason: str) -> bool:
    """Let no mail leave. False when it was held already."""
    _, new = OutboxHold.objects.get_or_create(released_at=None, defaults={"reason": reason})
    return new


@transaction.atomic
def release(*, drop: bool = False) -> int:
    """Let mail leave again; with ``drop`` what has waited until now is dropped.

    Returns:
        how many messages wait (or were dropped).
    """
    OutboxHold.objects.filter(released_at=None).update(released_at=now())
    waiting = Message.objects.filter(state__in=UNSENT)
    return waiting.update(state=MailState.DROPPED) if drop else waiting.count()


@transaction.atomic
def _send_to(user_id: int, urgent: bool) -> int:
    """Send one person's mail, and each of their letters, unless somebody else is at it or they have had today's."""
    if not urgent and _had_todays(user_id):
        return 0
    try:
        with transaction.atomic():
            due = Message.objects.unsent(now()).filter(to=user_id, urgent=urgent)
            messages = list(due.select_for_update(nowait=True, of=("self",)).select_related("to").order_by("pk"))
    except OperationalError:
        return 0
    if not messages:
        return 0
    if not messages[0].to.is_active:
        _mark(messages, state=MailState.DROPPED)
        return 0
    nudges = [message for message in messages if message.kind not in _letters]
    mails = [[message] for message in messages if message.kind in _letters] + ([nudges] if nudges else [])
    return sum(_try(each) for each in mails)


def _try(messages: Sequence[Message]) -> bool:
    attempts = max(message.attempts for message in messages) + 1
    try:
        with transaction.atomic():
            mail = _mail(messages)
        if mail is None:
            _mark(messages, state=MailState.DROPPED)
            return False
        mail.send()
    except Exception as error:
        refused = bounces.refused_for_good(error)
        if refused:
            _mark(messages, state=MailState.DROPPED, attempts=attempts, error=refused[:500])
            bounces.came_back(messages, because=refused, addresses=[messages[0].to.email])
            return False
        logger.warning("A mail was not sent: %s", type(error).__name__)
        due_at = now() + backoff.delay(attempts)
        _mark(messages, state=MailState.FAILED, attempts=attempts, error=type(error).__name__, due_at=due_at)
        return False
    _mark(
        messages,
        state=MailState.SENT,
        attempts=attempts,
        error="",
        sent_at=now(),
        mail_id=mail.extra_headers["Message-ID"],
    )
    return True


def _mark(messages: Sequence[Message], **fields: object) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(**fields)


def had_todays(people: Iterable[User]) -> set[int]:
    """Keys of those among these people who have had today's mail."""
    return set(_todays().filter(to__in=[one.pk for one in people]).values_list("to", flat=True))


def _had_todays(user_id: int) -> bool:
    return _todays().filter(to=user_id).exists()


def _todays() -> QuerySet[Message]:
    return Message.objects.filter(urgent=False, sent_at__gte=_midnight())


def _midnight() -> datetime:
    return datetime.combine(today(), time(), LONDON)


def _mail(messages: Sequence[Message]) -> EmailMessage | None:
    """The mail for these messages. The first one's key makes its Message-ID, so that a repetition is known as one."""
    first = messages[0]
    letter = _letters[first.kind](first.key) if first.kind in _letters else _tidy(messages)
    if letter is None:
        return None
    digest = hashlib.sha256(first.key.encode()).hexdigest()[:40]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    headers = {"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"}
    mail = EmailMessage(letter.subject, letter.body, to=[first.to.email], headers=headers)
    if letter.file:
        mail.attach(*letter.file)
    return mail


def _tidy(messages: Sequence[Message]) -> Letter:
    """One mail for all that waits."""
    address = getattr(settings, "VS_BASE_URL", "")
    body = render_to_string("jobs/email/nudge.txt", {"lines": _lines_of(messages), "address": address})
    return Letter("Something waits for you in the Virtual School", body)


def _lines_of(messages: Sequence[Message]) -> list[str]:
    """What the mail lists: each kind in its own words, or by its name and how many there are."""
    counts = Counter(_words.get(one.kind, "things that wait for you") for one in messages if one.kind not in _lines)
    special = {one.kind: [same for same in messages if same.kind == one.kind] for one in messages if one.kind in _lines}
    said = [line for kind, of_kind in sorted(special.items()) for line in _lines[kind](of_kind)]
    return [*said, *(f"{words}: {count}" for words, count in sorted(counts.items()))]
