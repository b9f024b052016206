"""What is written in a PEP, by whom."""

import uuid

from django.db import models

from peps.enums import Owner, SectionState
from peps.models.pep import Pep
from peps.querysets import SectionQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class PepSection(models.Model):
    """A section of a PEP: who owns it and how far it is. Its fields are those of the PEP's layout."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="sections")
    key = models.CharField(max_length=40)
    owner = models.CharField(max_length=20, choices=Owner)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=SectionState, default=SectionState.NOT_STARTED)
    due_on = models.DateField(null=True, blank=True)
    completed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)
    returned_why = models.TextField(blank=True)
    other_form = models.BooleanField(
        default=False, help_text="Left from another phase's form: its words are read, and nothing more is asked."
    )

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["pep", "key"], name="section_once_in_a_pep")]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.key} of {self.pep}"

    @property
    def child_id(self) -> int:
        """For the access log: whose section it is."""
        return self.pep.child_id


class SectionDelegation(models.Model):
    """One section of the school's, given by its designated teacher to a named colleague: they read and write it and nothing else.

    It holds from ``since`` until ``until`` (empty: it still does). A grant of ``children.access`` with this as its matter opens
    the child's part to the colleague for as long.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    section = models.ForeignKey(PepSection, models.CASCADE, related_name="delegations")
    colleague = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["section"], condition=models.Q(until__isnull=True), name="section_given_to_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="delegation_ends_after_it_began",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.section} for {self.colleague}"

    @property
    def matter(self) -> str:
        """What the colleague's grant is for."""
        return f"peps.SectionDelegation:{self.uuid}"


class PepAnswer(models.Model):
    """One answer. ``version`` rises with each save, so that a second writer of the same field sees both and loses nothing."""

    section = models.ForeignKey(PepSection, models.CASCADE, related_name="answers")
    field = models.CharField(max_length=60)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    also_by = models.JSONField(
        default=list,
        blank=True,
        help_text="Names of further adults whose record of the child's own words was put under the first; then nobody changes it.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["section", "field"], name="answer_once_in_a_section")]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.field} in {self.section}"

    @property
    def writers(self) -> str:
        """Whoever wrote it down."""
        return ", ".join([str(self.written_by), *self.also_by])


class PepSetAside(models.Model):
    """An answer that was not saved because somebody else had saved the same field meanwhile: kept until its writer chooses."""

    section = models.ForeignKey(PepSection, models.CASCADE, related_name="set_aside")
    field = models.CharField(max_length=60)
    value = models.JSONField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        verbose_name = "answer set aside"
        verbose_name_plural = "answers set aside"
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"{self.field} by {self.by}"


class PepAuthor(models.Model):
    """Somebody who wrote any of a PEP: they never grade it, whatever their role becomes later."""

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="authors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pep", "user"], name="author_once_of_a_pep")]

    def __str__(self) -> str:
        return f"{self.user} wrote {self.pep}"
