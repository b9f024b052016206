"""What a child, a carer or a parent says by themselves: the link they were given, their words as given, and what came of them."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Q

from children.models import Child
from children.querysets import OfChildQuerySet
from peps.enums import Audience, Face, GivenBackHow, LinkPurpose, WhatWeDid
from peps.models.pep import Pep
from peps.querysets import OfVoiceQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history
from virtualschool.kernel import periods


class _OfPep(models.Model):
    class Meta:
        abstract = True

    @property
    def child_id(self) -> int:
        """For the access log: whose it is."""
        return self.pep.child_id


class VoiceLink(_OfPep):
    """A link for somebody without an account, for one PEP and one purpose. Its token is kept by nobody; its digest is here.

    ``uuid`` stands in the addresses of its pages and opens nothing without the cookie of the device that it is bound to.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="voice_links")
    audience = models.CharField(max_length=8, choices=Audience)
    purpose = models.CharField(max_length=8, choices=LinkPurpose, default=LinkPurpose.ASK)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token.")
    asked_as = models.UUIDField(
        unique=True, help_text="The form it was made with: a second press makes no second link."
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    device_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what the device's cookie holds.")
    prompts = models.CharField(max_length=20, help_text="The version of the prompts it asks.")
    draft = models.JSONField(default=dict, blank=True, help_text="Answers by prompt, until they are given.")
    finished_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, device_digest="")
                | (Q(opened_at__isnull=False) & ~Q(device_digest="")),
                name="voice_link_opened_by_a_device",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(draft={}), name="voice_link_finished_keeps_no_draft"
            ),
        ]
        triggers = [
            history(child="pep_id", through="peps_pep", exclude=["digest", "device_digest", "draft", "asked_as"])
        ]

    def __str__(self) -> str:
        return f"link for the {self.get_audience_display()}"


class VoiceStatement(_OfPep):
    """Words as somebody gave them, each under the question as it was asked. Nobody changes or removes them."""

    append_only = True

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.PROTECT, related_name="statements")
    link = models.OneToOneField(VoiceLink, models.PROTECT, related_name="statement")
    audience = models.CharField(max_length=8, choices=Audience)
    given_at = models.DateTimeField()
    answers = models.JSONField(help_text="[{key, asked, value, words}, …] in the order in which they were asked.")

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(answers=[]), name="voice_statement_says_something")]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"words of the {self.get_audience_display()}"


class VoiceConcern(_OfPep):
    """Words in which the list of harm words was found. It waits until somebody says what was done."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="voice_concerns")
    link = models.ForeignKey(VoiceLink, models.CASCADE, related_name="concerns")
    audience = models.CharField(max_length=8, choices=Audience)
    found_at = models.DateTimeField()
    answers = models.JSONField(
        help_text="What was written, with the questions: all that stood there when it was found."
    )
    found = models.JSONField(help_text="Entries of the word list, by prompt.")
    done = models.TextField("what was done", blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["link"], condition=Q(answered_at__isnull=True), name="one_waiting_concern_of_a_link"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, done="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(done="")),
                name="voice_concern_answered_with_what_was_done",
                violation_error_message="Say what was done.",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep", exclude=["answers", "found"])]

    def __str__(self) -> str:
        return "words to be read today"


class YouSaid(_OfPep):
    """One thing that the child said, and what the adults did about it, or why they could not."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="you_said")
    said = models.CharField(max_length=400)
    outcome = models.CharField(max_length=8, choices=WhatWeDid)
    answer = models.CharField(max_length=600)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "answer to what the child said"
        verbose_name_plural = "answers to what the child said"
        constraints = [
            models.CheckConstraint(condition=~Q(said="") & ~Q(answer=""), name="you_said_we_did_in_words"),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return "you said, we did"


class GivenBack(_OfPep):
    """That the child was given the answers to what they said: by a link that was opened, on paper, or by telling them."""

    append_only = True

    pep = models.ForeignKey(Pep, models.PROTECT, related_name="given_back")
    how = models.CharField(max_length=5, choices=GivenBackHow)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    link = models.OneToOneField(VoiceLink, models.PROTECT, null=True, blank=True, related_name="given_back")
    rows = models.JSONField(help_text="What was given, as it stood: [{said, outcome, answer}, …].")

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = "giving back"
        verbose_name_plural = "givings back"
        triggers = [append_only()]

    def __str__(self) -> str:
        return "given back"


class VoiceReply(_OfPep):
    """What the child thinks of the answers. The first face counts."""

    append_only = True

    pep = models.ForeignKey(Pep, models.PROTECT, related_name="voice_replies")
    link = models.OneToOneField(VoiceLink, models.PROTECT, related_name="reply")
    face = models.CharField(max_length=8, choices=Face)
    given_at = models.DateTimeField()

    objects = OfVoiceQuerySet.as_manager()

    class Meta:
        ordering = ["given_at", "pk"]
        verbose_name_plural = "voice replies"
        triggers = [append_only()]

    def __str__(self) -> str:
        return "a face"


class NoLinks(models.Model):
    """A time in which no link may be made for a child, and why: somebody else reads the phone, say."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    child = models.ForeignKey(Child, models.CASCADE, related_name="no_links")
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfChildQuerySet.as_manager()

    class Meta:
        verbose_name = "time without links"
        verbose_name_plural = "times without links"
        constraints = [
            periods.ends_after_start("no_links_ends_after_start"),
            models.CheckConstraint(condition=~Q(why=""), name="no_links_with_a_reason"),
            ExclusionConstraint(
                name="one_time_without_links_at_a_time",
                expressions=periods.no_overlap("child"),
                violation_error_message="The child is sent no links already.",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return "no links"
