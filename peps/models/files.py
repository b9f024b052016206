"""Files that belong to a PEP: to one of its sections, or to a meeting."""

import uuid

from django.db import models
from django.db.models import Q

from children.models import ChildFile
from peps.enums import FileKind
from peps.models.meeting import PepMeeting
from peps.models.pep import Pep
from peps.models.writing import PepSection
from peps.querysets import PepFileQuerySet
from virtualschool.audit.triggers import history


class PepFile(models.Model):
    """A child's file in its place in a PEP. What it holds, who reads it and whether it was removed is the file's; this says where it belongs."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    pep = models.ForeignKey(Pep, models.CASCADE, related_name="files")
    section = models.ForeignKey(PepSection, models.CASCADE, null=True, blank=True, related_name="files")
    meeting = models.ForeignKey(PepMeeting, models.CASCADE, null=True, blank=True, related_name="files")
    file = models.OneToOneField(ChildFile, models.PROTECT, related_name="in_pep")
    kind = models.CharField(max_length=14, choices=FileKind)

    objects = PepFileQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "file in a PEP"
        verbose_name_plural = "files in PEPs"
        constraints = [
            models.CheckConstraint(
                condition=Q(section__isnull=False, meeting__isnull=True)
                | Q(section__isnull=True, meeting__isnull=False),
                name="pep_file_has_one_place",
            ),
        ]
        triggers = [history(child="pep_id", through="peps_pep")]

    def __str__(self) -> str:
        return str(self.file)

    @property
    def child_id(self) -> int:
        """For the access log: whose file it is."""
        return self.pep.child_id
