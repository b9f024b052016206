"""Accounts of the Pupil Premium Plus books and the states of a line."""

from django.db import models


class AccountKind(models.TextChoices):
    """The books' accounts. A posting's amounts over all accounts of an entry come to nil."""

    GRANT = "grant", "grant from the Department for Education"
    RESERVE = "reserve", "held by the Virtual School"
    TOP_SLICE = "top_slice", "kept for work with many children"
    COMMITTED = "committed", "committed to children's targets"
    PAID = "paid", "released to schools"


class ReleaseState(models.TextChoices):
    RELEASABLE = "releasable", "ready to release"
    RELEASED = "released", "released"
    REVERSED = "reversed", "reversed"
