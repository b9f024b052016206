"""Who works with a child, who reaches a child for a time, and what is written and kept about a child."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q

from children.enums import FileState, GrantKind, RelationKind
from children.models.child import Child
from children.querysets import ChildFileQuerySet, NoteQuerySet, OfChildQuerySet, RelationshipQuerySet
from virtualschool.accounts.models import Organisation, User
from virtualschool.audit.triggers import history
from virtualschool.kernel import periods
from virtualschool.kernel.dates import now


class Relationship(models.Model):
    """A dated tie between a child and a worker or a team. Reach is made of these and of nothing else."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="relationships")
    kind = models.CharField(max_length=16, choices=RelationKind)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="relationships")
    team = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="relationships")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        constraints = [
            periods.ends_after_start("relationship_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind=RelationKind.TEAM, team__isnull=False, user__isnull=True)
                | (~Q(kind=RelationKind.TEAM) & Q(team__isnull=True, user__isnull=False)),
                name="relationship_with_a_team_or_a_person",
            ),
            ExclusionConstraint(
                name="one_of_a_kind_at_a_time",
                expressions=periods.no_overlap("child", "kind"),
                violation_error_message="The child already has one in that time; end it first.",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "kind"], condition=Q(end__isnull=True), name="relationship_open_by_user"),
            models.Index(fields=["team"], condition=Q(end__isnull=True), name="relationship_open_by_team"),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.child} from {self.start}"


class AccessGrant(models.Model):
    """Reach for a time and a matter, opened and closed by the app that owns the matter. Moments, not days: an hour is an hour."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="access_grants")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="access_grants")
    role = models.CharField(
        max_length=20, blank=True, help_text="Every active holder of the role, when no person is named."
    )
    kind = models.CharField(max_length=12, choices=GrantKind)
    matter = models.CharField(max_length=80, help_text="The record the grant is for, as app.Model:uuid.")
    reason = models.CharField(max_length=400)
    opened_at = models.DateTimeField(default=now)
    closes_at = models.DateTimeField(null=True, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(role=""), name="grant_to_a_person_or_a_role"),
            models.UniqueConstraint(
                fields=["child", "user", "role", "matter"],
                condition=Q(closes_at__isnull=True),
                nulls_distinct=False,
                name="one_open_grant_for_a_matter",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.kind} grant for {self.child}"


class Note(models.Model):
    """A note on a child. Its author edits it while they reach the child; nobody else ever does."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.PROTECT, related_name="notes")
    subject = models.CharField(max_length=120)
    body = models.TextField()
    happened_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_on", "-id"]
        triggers = [history()]

    def __str__(self) -> str:
        return self.subject


class ChildFile(models.Model):
    """A file on a child: private, kept under a random name, checked by content, served only through a policy."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="files")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    original_name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=80, unique=True)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=FileState, default=FileState.PENDING)
    field_group = models.CharField(max_length=20, default="education", help_text="Which kind of information it holds.")
    matter = models.CharField(
        max_length=80, blank=True, help_text="What it belongs to in another app, which then says who may remove it."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_why = models.CharField(max_length=200, blank=True)

    objects = ChildFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        triggers = [history()]

    def __str__(self) -> str:
        return self.title


class Attainment(models.Model):
    """A statutory or teacher assessment, dated."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="attainments")
    on = models.DateField()
    subject = models.CharField(max_length=60)
    stage = models.CharField(max_length=20, help_text="As EYFS, phonics, KS2, KS4, teacher assessment.")
    result = models.CharField(max_length=20)
    on_track = models.BooleanField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)

    objects = OfChildQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "on", "subject", "stage"], name="attainment_unique")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.subject} {self.result}"
