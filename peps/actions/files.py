"""Files in a PEP: put in its place by those who write there, taken out while it is open, kept as they are afterwards."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from children.actions import files
from peps import policies_files as policies
from peps.actions.stepping import locked, locked_section, wrote
from peps.models import PepFile, PepMeeting, PepSection
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.kernel.verdicts import require


@dataclass(frozen=True)
class FileFacts:
    """What is put in. ``key`` makes a double click one file."""

    upload: "UploadedFile[Any]"
    title: str
    kind: str
    key: UUID


@transaction.atomic
def attach_to_section(*, section: PepSection, facts: FileFacts, by: User) -> PepFile:
    """Put a file into a section.

    Raises:
        Refused: when ``by`` may not write the section now.
        Conflict: when the key is another file's.
        ValidationError: when the file is not what it says, is empty or too large, or of a kind that ``by`` may not add.
    """
    section = locked_section(section)
    require(policies.can_attach_to_section(by, section))
    return _attach(PepFile(pep=section.pep, section=section), facts, by)


@transaction.atomic
def attach_to_meeting(*, meeting: PepMeeting, facts: FileFacts, by: User) -> PepFile:
    """Put a file beside a meeting; raises as ``attach_to_section`` does."""
    pep = locked(meeting.pep)
    meeting = PepMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    meeting.pep = pep
    require(policies.can_attach_to_meeting(by, meeting))
    return _attach(PepFile(pep=pep, meeting=meeting), facts, by)


@transaction.atomic
def take_out(*, pep_file: PepFile, why: str, by: User) -> None:
    """Remove a file from a PEP that is open. Its content is kept for as long as the child's record is, and its history too.

    Raises:
        Refused: when ``by`` may not, or the PEP is closed to writing.
        Conflict: when it was removed already.
    """
    pep = locked(pep_file.pep)
    found = PepFile.objects.select_related("section", "file").get(pk=pep_file.pk)
    found.pep = pep
    require(policies.can_take_out(by, found))
    files.take_back(file=found.file, why=why, by=by)
    log.record("pep.file_removed", by=by, subject=found, why=why)


def _attach(place: PepFile, facts: FileFacts, by: User) -> PepFile:
    if facts.kind not in policies.kinds_for(by, place.section):
        raise ValidationError({"kind": "Choose one of the kinds of file listed."})
    kept = files.keep_for(
        matter=_matter(place),
        child=place.pep.child,
        upload=facts.upload,
        title=facts.title,
        field_group=policies.group_of(place.section, facts.kind),
        by=by,
        key=facts.key,
    )
    there = PepFile.objects.filter(file=kept).first()
    if there is not None:
        return there
    place.file, place.kind = kept, facts.kind
    place.save()
    wrote(place.pep, by)
    log.record("pep.file_added", by=by, subject=place, data={"kind": place.kind})
    return place


def _matter(place: PepFile) -> str:
    of = place.section or place.meeting
    return f"{of._meta.label}:{of.uuid}" if of else ""
