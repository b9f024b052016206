"""Reminding people of what they owe: one mail a person a day, whoever asks for it and however often."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.db import transaction

from peps import chasing, notifications, policies
from peps.chasing import Debtor
from peps.models import Pep, PepChaser
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import require


class Not(StrEnum):
    """Why somebody gets no reminder now."""

    NOBODY = "nobody is known, so nobody gets a mail"
    CLOSED = "the account is closed"
    BOUNCED = "mail to this address came back"
    TODAY = "has been reminded today"
    NOTHING = "owes nothing any more"


@dataclass
class Outcome:
    """Who was reminded, and who was not with the reason."""

    sent: list[PepChaser] = field(default_factory=list)
    left_out: list[tuple[User, Not]] = field(default_factory=list)


def reminded_on(day: date, people: Iterable[User]) -> set[int]:
    """Keys of those who have had their reminder of the day."""
    return set(PepChaser.objects.filter(day=day, to__in=people).values_list("to", flat=True))


def hindrance(person: User | None, reminded: Collection[int], *, again: bool = False) -> Not | None:
    """What keeps somebody from being reminded now; None when nothing does. ``again``: an address that failed is tried once more."""
    if person is None:
        return Not.NOBODY
    if not person.is_active:
        return Not.CLOSED
    if person.pk in reminded:
        return Not.TODAY
    return Not.BOUNCED if person.email_bounced_at and not again else None


@transaction.atomic
def chase(*, people: Collection[User], by: User | None, again: bool = False) -> Outcome:
    """Remind these people of all that they owe today.

    Args:
        by: None for the night.
        again: also those whose mail came back; their address counts as good until it fails again.

    Raises:
        Refused: when ``by`` may not.
    """
    if by is not None:
        require(policies.can_chase(by))
    owing = {one.person.pk: one for one in chasing.by_person(chasing.owed_for(Pep.objects.all())) if one.person}
    fresh = list(User.objects.filter(pk__in=[one.pk for one in people]).order_by("pk"))
    outcome, reminded = Outcome(), reminded_on(today(), fresh)
    due: list[Debtor] = []
    for person in fresh:
        why = hindrance(person, reminded, again=again) or (None if person.pk in owing else Not.NOTHING)
        if why:
            outcome.left_out.append((person, why))
        else:
            due.append(owing[person.pk])
    _send(due, by, outcome)
    return outcome


def _send(due: list[Debtor], by: User | None, outcome: Outcome) -> None:
    """Write the reminders. One that somebody else writes at the same moment stays theirs: the database keeps one a person a day.

    In the order of their keys, so that two who send at once wait for each other and never both.
    """
    people = [one.person for one in due if one.person]
    messages = _messages(people)
    made = [
        PepChaser(
            to=one.person,
            day=today(),
            things=len(one.things),
            first_due_on=one.first_due_on,
            by=by,
            at=now(),
            message_id=messages[one.person.pk],
        )
        for one in due
        if one.person
    ]
    PepChaser.objects.bulk_create(made, ignore_conflicts=True)
    outcome.sent = list(PepChaser.objects.filter(key__in=[one.key for one in made]).select_related("to"))
    ours = {one.to_id for one in outcome.sent}
    outcome.left_out += [(person, Not.TODAY) for person in people if person.pk not in ours]
    for chaser in outcome.sent:
        _tried_again(chaser.to, by)
        log.record("pep.chased", by=by, subject=chaser.to, data={"things": chaser.things})


def _messages(people: list[User]) -> dict[int, int]:
    """The keys of the day's messages by person, new or there already."""
    keys = {f"pep.chase:{person.pk}:{today().isoformat()}": person for person in people}
    notifications.chased(keys)
    return dict(Message.objects.filter(key__in=keys).values_list("to", "pk"))


def _tried_again(person: User, by: User | None) -> None:
    if person.email_bounced_at:
        person.email_bounced_at = None
        person.save(update_fields=["email_bounced_at"])
        log.record("person.mail_tried_again", by=by, subject=person)
