"""What was done and what was looked at. Ids are text and there are no foreign keys: history outlives the record.

``append_only`` and ``written_by_function`` on a model say what ``audit.grants`` takes from the application's role.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from virtualschool.audit.enums import AccessKind, Stream, Verb
from virtualschool.audit.querysets import AccessLogQuerySet, NewestFirstQuerySet
from virtualschool.audit.triggers import append_only
from virtualschool.kernel.dates import now


class Change(models.Model):
    """One row added, changed or deleted in a table that keeps history. Written by the database alone."""

    append_only = True
    written_by_function = True

    at = models.DateTimeField()
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    child_id = models.CharField(max_length=64, null=True)
    verb = models.CharField(max_length=1, choices=Verb)
    old = models.JSONField(null=True, help_text="What was; of a change, only the columns that changed.")
    new = models.JSONField(null=True, help_text="What came; of a change, only the columns that changed.")
    user_id = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    db_user = models.CharField(max_length=63)

    objects = NewestFirstQuerySet.as_manager()

    class Meta:
        db_table = "audit_change"
        indexes = [
            models.Index(fields=["table_name", "row_id", "-id"], name="change_of_row"),
            models.Index(
                fields=["child_id", "-id"], condition=models.Q(child_id__isnull=False), name="change_of_child"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.table_name} {self.row_id}"

    @property
    def columns(self) -> list[str]:
        """The columns that changed; the whole row's when it was added or deleted."""
        return sorted(self.new or self.old or {})


class AuditEvent(models.Model):
    """Something somebody did, in the words of the action that did it."""

    append_only = True

    at = models.DateTimeField(default=now)
    verb = models.CharField(max_length=60)
    by = models.CharField(max_length=64, blank=True, help_text="The user's id; empty for the service itself.")
    by_name = models.CharField(max_length=120, blank=True)
    subject_type = models.CharField(max_length=100)
    subject_id = models.CharField(max_length=64)
    child_id = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True)

    objects = NewestFirstQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_of_subject"),
            models.Index(fields=["child_id", "-id"], condition=~models.Q(child_id=""), name="event_of_child"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.by_name or 'the service'}: {self.verb}"


class AccessLog(models.Model):
    """One answered page: who asked, for what, and which children it showed."""

    append_only = True

    at = models.DateTimeField(default=now)
    user_id = models.CharField(max_length=64)
    role = models.CharField(max_length=20, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=10)
    route = models.CharField(max_length=100, help_text="The name of the address, never the address.")
    objects_named = ArrayField(
        models.CharField(max_length=36), default=list, help_text="The random ids in the address."
    )
    status = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=AccessKind)
    child_ids = ArrayField(models.BigIntegerField(), default=list)
    fields = ArrayField(models.CharField(max_length=30), default=list, help_text="The field groups shown.")
    reason = models.TextField(blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["child_ids"], name="access_to_child"),
            models.Index(fields=["user_id", "-id"], name="access_by_user"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.route}"


class Seal(models.Model):
    """A stretch of a stream, chained to the one before: which rows it had, and a digest of each.

    The ids and the rows' digests stand in the seal, so that a verifier can name the first row altered, lost or slipped in.
    """

    append_only = True
    written_by_function = True

    at = models.DateTimeField()
    stream = models.CharField(max_length=63, choices=Stream)
    from_id = models.BigIntegerField()
    to_id = models.BigIntegerField()
    rows = models.IntegerField()
    columns = ArrayField(models.CharField(max_length=63), help_text="The columns covered; one added later is not.")
    row_ids = ArrayField(models.BigIntegerField())
    row_digests = models.BinaryField(help_text="SHA-256 of each row, 32 bytes each, in the order of row_ids.")
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "from_id"], name="seal_starts_once"),
            models.CheckConstraint(condition=models.Q(to_id__gte=models.F("from_id")), name="seal_runs_forward"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.stream} {self.from_id} to {self.to_id}"
