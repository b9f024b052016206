"""Reminders that were sent: to whom, on which day, of how many things. Of no child."""

import uuid

from django.db import models
from django.db.models import Q

from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only
from virtualschool.jobs.models import Message


class PepChaser(models.Model):
    """One reminder to one person of all that they owed on a day. There is one a day, whoever sends it; what becomes of its mail is the message's."""

    append_only = True

    to = models.ForeignKey(User, models.PROTECT, related_name="pep_chasers")
    day = models.DateField()
    things = models.PositiveIntegerField(help_text="How many things the person owed.")
    first_due_on = models.DateField()
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty when the night sent it."
    )
    at = models.DateTimeField()
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.OneToOneField(Message, models.PROTECT, related_name="pep_chaser")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "PEP chaser"
        constraints = [
            models.UniqueConstraint(
                fields=["to", "day"],
                name="chased_once_a_day",
                violation_error_message="This person has been reminded today.",
            ),
            models.CheckConstraint(condition=Q(things__gte=1), name="chased_for_something"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.to} on {self.day}"
