from django.db import models


class WorkState(models.TextChoices):
    """Where a piece of work stands. ``failed`` says that the last attempt failed; it is tried again, later each time."""

    PENDING = "pending", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class MailState(models.TextChoices):
    """Where a message stands. ``failed`` is tried again; ``dropped`` never is."""

    DUE = "due", "due"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    DROPPED = "dropped", "dropped"


WAITING = (WorkState.PENDING, WorkState.FAILED)
UNSENT = (MailState.DUE, MailState.FAILED)
