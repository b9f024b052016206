"""How a source of marks writes its files, so that its next file is read as its last one was."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from attendance.enums import DateFormat, FileShape
from attendance.imports.layout import LONGEST_COLUMN, MARKS, Layout
from attendance.models.marks import MarkSource
from attendance.querysets import MappingQuerySet
from virtualschool.audit.triggers import history


class SourceMapping(models.Model):
    """The columns of one source's files (see ``attendance.imports.layout``). ``version`` counts how often it was saved.

    One that was removed stays, so that what was read by its versions keeps its name; mapping the source again goes on from there.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.OneToOneField(MarkSource, models.PROTECT, related_name="mapping")
    shape = models.CharField(max_length=7, choices=FileShape)
    upn = models.CharField(max_length=LONGEST_COLUMN, blank=True)
    council_id = models.CharField(max_length=LONGEST_COLUMN, blank=True)
    date = models.CharField(max_length=LONGEST_COLUMN)
    date_format = models.CharField(max_length=10, choices=DateFormat)
    session = models.CharField(max_length=LONGEST_COLUMN, blank=True)
    marks = ArrayField(models.CharField(max_length=LONGEST_COLUMN), size=10)
    version = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    removed_on = models.DateField(null=True, blank=True)

    objects = MappingQuerySet.as_manager()

    class Meta:
        ordering = ["source__name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(upn="") | ~Q(council_id=""),
                name="mapping_names_the_child",
                violation_error_message="Name the column of the UPN, or of the council’s id.",
            ),
            models.CheckConstraint(
                condition=Q(shape=FileShape.SESSION, marks__len=MARKS[FileShape.SESSION])
                | Q(shape=FileShape.DAY, marks__len=MARKS[FileShape.DAY])
                | Q(shape=FileShape.WEEK, marks__len=MARKS[FileShape.WEEK]),
                name="mapping_has_its_mark_columns",
                violation_error_message="Name every column that holds codes.",
            ),
        ]
        triggers = [history(child=None)]

    def __str__(self) -> str:
        return f"How files of {self.source} are read"

    def get_absolute_url(self) -> str:
        return reverse("attendance:mapping", args=[self.uuid])

    @property
    def layout(self) -> Layout:
        return Layout(
            shape=self.shape,
            date=self.date,
            marks=tuple(self.marks),
            upn=self.upn,
            council_id=self.council_id,
            date_format=self.date_format,
            session=self.session,
        )
