"""Notes of the coach that somebody has put aside."""

from django.db import models
from django.db.models import Q

from peps.models.pep import Pep
from virtualschool.accounts.models import User
from virtualschool.audit.triggers import history


class NoteSetAside(models.Model):
    """A note of the coach that does not hold for this PEP, and why. Its id says what it was about."""

    pep = models.ForeignKey(Pep, models.CASCADE, related_name="notes_set_aside")
    note = models.CharField(max_length=200)
    words = models.TextField(help_text="What the note said.")
    why = models.CharField(max_length=400)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        verbose_name = "note set aside"
        verbose_name_plural = "notes set aside"
        constraints = [
            models.UniqueConstraint(fields=["pep", "note"], name="note_set_aside_once_in_a_pep"),
            models.CheckConstraint(
                condition=~Q(why=""),
                name="note_set_aside_with_a_reason",
                violation_error_message="Say why it does not hold.",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return f"{self.note} of {self.pep}"
