"""The Pupil Premium Plus books: double entry in pence, never edited, only reversed.

PP+ is a grant for a cohort, managed by the Virtual School Head for needs in PEPs; it is nobody's personal account
(conditions of grant; "Virtual School: support available for social workers and IROs").
"""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from children.models import Child, School
from peps.models import Pep, PepCost
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.money import year_words
from pupil_premium.querysets import EntryQuerySet, GrantYearQuerySet, ReleaseQuerySet
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import append_only, history


class GrantYear(models.Model):
    """A financial year of the grant, 1 April to 31 March, named by the year it starts in."""

    year = models.PositiveSmallIntegerField(unique=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = GrantYearQuerySet.as_manager()

    class Meta:
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return year_words(self.year)


class Entry(models.Model):
    """One entry of the journal: why, when, for whom. Its postings come to nil, which the database checks at commit.

    ``key`` is what makes it happen once: ``grant:<year>``, ``commit:<release>:<year>``, ``release:<release>``, ``reverse:<entry>``.
    """

    append_only = True

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=80, unique=True)
    grant_year = models.ForeignKey(GrantYear, models.PROTECT, related_name="entries")
    on = models.DateField()
    words = models.CharField(max_length=200)
    child = models.ForeignKey(Child, models.PROTECT, null=True, blank=True, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    pep = models.ForeignKey(Pep, models.PROTECT, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        triggers = [append_only()]

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return reverse("pupil_premium:entry", args=[self.uuid])


class Posting(models.Model):
    """An amount in pence on one account: positive is a debit, negative a credit."""

    append_only = True

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings")
    account = models.CharField(max_length=10, choices=AccountKind)
    amount_pence = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_pence=0), name="posting_is_something"),
            models.UniqueConstraint(fields=["entry", "account"], name="account_once_in_an_entry"),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        return f"{self.amount_pence} on {self.account}"


class Release(models.Model):
    """An agreed line of an approved PEP, and whether its money has gone to the school. One for a line, for ever."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cost = models.OneToOneField(PepCost, models.PROTECT, related_name="release")
    child = models.ForeignKey(Child, models.PROTECT, related_name="releases")
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="releases")
    pep = models.ForeignKey(Pep, models.PROTECT, related_name="releases")
    amount_pence = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=ReleaseState, default=ReleaseState.RELEASABLE)
    agreed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    releasable_on = models.DateField()
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_on = models.DateField(null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="release")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["releasable_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gte=1), name="release_is_something"),
            models.CheckConstraint(
                condition=Q(state="releasable", entry__isnull=True, released_on__isnull=True)
                | (~Q(state="releasable") & Q(entry__isnull=False, released_on__isnull=False)),
                name="released_with_its_entry",
            ),
        ]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.cost} for {self.child}"

    def get_absolute_url(self) -> str:
        return reverse("pupil_premium:release", args=[self.uuid])
