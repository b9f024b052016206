"""Marks: one row a child and day holds what is accepted; beside it what another source says, what was corrected, and bits to count.

Marks are written by ``attendance.marking.record_marks`` and by nothing else: it keeps the four tables in step.
"""

from django.db import models
from django.db.models import Q

from attendance import yearbits
from attendance.codes import BY_LETTER, CODES
from attendance.enums import Session
from attendance.fields import BitsField, LetterField
from attendance.querysets import DisputeQuerySet, MarksQuerySet
from children.models import Child
from virtualschool.audit.triggers import append_only, history

# A session of it is marked as suspended or excluded.
SUSPENDED = Q(am=CODES["E"].stored) | Q(pm=CODES["E"].stored)


class MarkSource(models.Model):
    """Where marks come from: the school's own entry, a collector's feed. ``attendance.source_order`` says who is believed."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "attendance_source"
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return self.name


class AttendanceDay(models.Model):
    """The accepted marks of a child on a day, as stored letters (see ``attendance.codes``). Partitioned by month.

    No foreign key constraint: a feed is checked against the children once, not row by row.
    """

    pk = models.CompositePrimaryKey("child_id", "date")
    child = models.ForeignKey(
        Child, models.CASCADE, db_constraint=False, db_index=False, related_name="attendance_days"
    )
    date = models.DateField()
    am = LetterField("morning", null=True)
    pm = LetterField("afternoon", null=True)
    am_source = models.SmallIntegerField("source of the morning's mark", null=True)
    pm_source = models.SmallIntegerField("source of the afternoon's mark", null=True)

    objects = MarksQuerySet.as_manager()

    class Meta:
        db_table = "attendance_day"
        constraints = [
            models.CheckConstraint(
                condition=Q(am__isnull=False) | Q(pm__isnull=False), name="attendance_day_has_a_mark"
            ),
            models.CheckConstraint(
                condition=Q(am__isnull=True, am_source__isnull=True) | Q(am__isnull=False, am_source__isnull=False),
                name="morning_mark_has_a_source",
            ),
            models.CheckConstraint(
                condition=Q(pm__isnull=True, pm_source__isnull=True) | Q(pm__isnull=False, pm_source__isnull=False),
                name="afternoon_mark_has_a_source",
            ),
        ]
        # The few days of a suspension, so that a night need not read the others.
        indexes = [models.Index(fields=["child", "date"], condition=SUSPENDED, name="attendance_day_suspended")]

    def __str__(self) -> str:
        marks = (BY_LETTER[letter].code if letter else "no mark" for letter in (self.am, self.pm))
        return f"{self.date}: {' '.join(marks)}"


class AttendanceYear(models.Model):
    """A child's year from 1 August as strings of bits, derived from the marks: for counting any span of days at once.

    ``attendance.bits.rebuild`` makes them anew from the marks in one statement.
    """

    pk = models.CompositePrimaryKey("year", "child_id")
    year = models.SmallIntegerField(help_text="The calendar year it begins in.")
    child = models.ForeignKey(
        Child, models.CASCADE, db_constraint=False, db_index=False, related_name="attendance_years"
    )
    marked = BitsField(length=yearbits.LENGTH, help_text="Sessions with any mark.")
    possible = BitsField(length=yearbits.LENGTH, help_text="Sessions the child could have attended.")
    absent = BitsField(length=yearbits.LENGTH, help_text="Possible sessions missed.")
    unauthorised = BitsField(length=yearbits.LENGTH, help_text="Sessions missed without authority.")
    unexplained = BitsField(length=yearbits.LENGTH, help_text="Sessions missed for a reason nobody knows yet.")

    objects = MarksQuerySet.as_manager()

    class Meta:
        db_table = "attendance_year"

    def __str__(self) -> str:
        return f"{self.year}/{(self.year + 1) % 100:02d} of child {self.child_id}"


class MarkDispute(models.Model):
    """What another source says of a session than the mark that is accepted. Listed, never written over it.

    ``open`` while the two differ; when either corrects itself the row stays and is closed.
    """

    child = models.ForeignKey(Child, models.CASCADE, related_name="mark_disputes")
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    source = models.ForeignKey(MarkSource, models.PROTECT, related_name="+")
    code = LetterField(help_text="The stored letter of what this source says.")
    open = models.BooleanField(default=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        db_table = "attendance_dispute"
        constraints = [
            models.UniqueConstraint(fields=["child", "date", "session", "source"], name="mark_dispute_once_a_source")
        ]
        indexes = [models.Index(fields=["date"], condition=Q(open=True), name="mark_dispute_open")]
        triggers = [history()]

    def __str__(self) -> str:
        return f"{self.source}: {BY_LETTER[self.code].code} on {self.date}, {self.get_session_display()}"


class MarkChange(models.Model):
    """A mark that was corrected or removed; written by the database, once for a whole feed. First entries are no corrections."""

    append_only = True
    written_by_function = True

    at = models.DateTimeField()
    child_id = models.BigIntegerField()
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    was = LetterField()
    became = LetterField(null=True)
    source_was = models.SmallIntegerField()
    source_became = models.SmallIntegerField(null=True)
    user_id = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    why = models.TextField(blank=True)
    db_user = models.CharField(max_length=63)

    class Meta:
        db_table = "attendance_markchange"
        indexes = [models.Index(fields=["child_id", "date"], name="mark_change_of_day")]
        triggers = [append_only()]

    def __str__(self) -> str:
        became = BY_LETTER[self.became].code if self.became else "nothing"
        return f"{self.date} {self.session}: {BY_LETTER[self.was].code} became {became}"
