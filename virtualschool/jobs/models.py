"""The truth about background work, in PostgreSQL: what happened, who has yet to react, what each night did, which mail is due.

Redis only carries rings of a bell. With it wiped, everything here is still found by the sweeper.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from virtualschool.accounts.models import User
from virtualschool.jobs.enums import UNSENT, WAITING, MailState, WorkState
from virtualschool.jobs.querysets import DeliveryQuerySet, MessageQuerySet, NightShardQuerySet
from virtualschool.kernel.dates import now


class Event(models.Model):
    """Something that happened, which upper apps may react to. Written in the transaction of the action that did it."""

    append_only = True

    kind = models.CharField(max_length=60)
    key = models.CharField(
        max_length=200, unique=True, help_text="Says what happened so exactly that it can happen once."
    )
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="Ids and dates; nothing about a person.")
    at = models.DateTimeField(default=now)
    user_id = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "at"], name="event_kind_at")]

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One consumer's share of an event, done exactly once."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    consumer = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    error = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=WorkState.DONE, done_at__isnull=False)
                | ~Q(state=WorkState.DONE) & Q(done_at__isnull=True),
                name="delivery_done_has_time",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state__in=WAITING), name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.consumer}: {self.event_id}"


class Message(models.Model):
    """A nudge to one person that something waits for them. It has no text of its own, so nothing about a child can be in it."""

    key = models.CharField(max_length=200, unique=True)
    to = models.ForeignKey(User, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=60)
    urgent = models.BooleanField(default=False, help_text="Sent at once, beside the day's one mail.")
    state = models.CharField(max_length=10, choices=MailState, default=MailState.DUE)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    mail_id = models.CharField(max_length=200, blank=True, help_text="The Message-ID of the mail it left in.")
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="When the mail was found to have come back.")
    bounced_because = models.CharField(max_length=300, blank=True, help_text="What the other side's server said.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False)
                | ~Q(state=MailState.SENT) & Q(sent_at__isnull=True),
                name="message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(bounced_at__isnull=True) | Q(state__in=[MailState.SENT, MailState.DROPPED]),
                name="message_bounced_was_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=UNSENT), name="message_unsent"),
            models.Index(fields=["to", "sent_at"], name="message_sent_to"),
            models.Index(fields=["mail_id"], condition=~Q(mail_id=""), name="message_mail"),
        ]

    def __str__(self) -> str:
        return self.key


class OutboxHold(models.Model):
    """While one of these is open no mail leaves: after a restore, until somebody has looked."""

    since = models.DateTimeField(default=now)
    reason = models.CharField(max_length=200)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["released_at"],
                condition=Q(released_at__isnull=True),
                nulls_distinct=False,
                name="outbox_held_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class NightShard(models.Model):
    """One shard of one job's night. The night of a date is complete when all its shards are done."""

    job = models.CharField(max_length=60)
    for_date = models.DateField(help_text="The night is as at the end of this date.")
    shard = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=WorkState, default=WorkState.PENDING)
    owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(default=now)
    error = models.CharField(max_length=500, blank=True)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = NightShardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "for_date", "shard"], name="night_shard_once"),
            models.CheckConstraint(condition=Q(shard__lt=F("of")), name="night_shard_within"),
            models.CheckConstraint(
                condition=~Q(state=WorkState.RUNNING) | Q(lease_until__isnull=False) & ~Q(owner=""),
                name="night_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state=WorkState.DONE) | Q(finished_at__isnull=False), name="night_done_has_time"
            ),
        ]
        indexes = [models.Index(fields=["for_date"], condition=~Q(state=WorkState.DONE), name="night_undone")]

    def __str__(self) -> str:
        return f"{self.job} {self.for_date} {self.shard + 1} of {self.of}"
