"""Files on a child: checked by content, kept under a random name outside the web's reach, and handed out by one view alone."""

import hashlib
import secrets
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from children import filecheck, policies
from children.actions.common import locked
from children.enums import FileState
from children.models import Child, ChildFile
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.log import record
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, require

FOLDER = "children"
A_DAY = 100
GROUPS = (
    FieldGroup.EDUCATION,
    FieldGroup.ATTENDANCE,
    FieldGroup.PEP,
    FieldGroup.VOICE,
    FieldGroup.HEALTH,
    FieldGroup.LEGAL,
    FieldGroup.NARRATIVE,
)


def groups_of(user: User) -> list[FieldGroup]:
    """The kinds of information that this person may file under: those that their role reads."""
    return [group for group in GROUPS if user.reads(group)]


@transaction.atomic
def add_file(
    *, child: Child, upload: "UploadedFile[Any]", title: str, field_group: str, by: User, key: UUID | None = None
) -> ChildFile:
    """Keep a file. Sent twice under one ``key`` (a double click) it is kept once.

    Args:
        field_group: which kind of information it holds; only roles that read that kind see it.

    Raises:
        Refused: when ``by`` may not add files to this child.
        Conflict: when the key is another file's.
        ValidationError: when the file is not what it says, holds programs, or is too large; after a hundred files in a day.
    """
    child = locked(child)
    require(policies.can_keep_files(by, child))
    return _keep(child, upload, title, field_group, by, key or uuid4())


@transaction.atomic
def keep_for(
    *, matter: str, child: Child, upload: "UploadedFile[Any]", title: str, field_group: str, by: User, key: UUID
) -> ChildFile:
    """``add_file`` for something of another app, whose policy has been asked: ``peps.PepSection:<uuid>``."""
    return _keep(locked(child), upload, title, field_group, by, key, matter)


@transaction.atomic
def take_back(*, file: ChildFile, why: str, by: User) -> ChildFile:
    """``remove_file`` for the app whose matter the file belongs to, and whose policy has been asked."""
    return _remove(_locked_file(file), why, by)


def _keep(
    child: Child, upload: "UploadedFile[Any]", title: str, field_group: str, by: User, key: UUID, matter: str = ""
) -> ChildFile:
    there = ChildFile.objects.filter(uuid=key).first()
    if there is not None:
        return _same(there, child, by, matter)
    if field_group not in groups_of(by):
        raise ValidationError({"field_group": "Choose one of the kinds of information listed."})
    if ChildFile.objects.filter(uploaded_by=by, created_at__date=today()).count() >= A_DAY:
        raise ValidationError({"upload": "You have added a hundred files today. Go on tomorrow."})
    checked = _check(upload)
    file = ChildFile.objects.create(
        uuid=key,
        child=child,
        uploaded_by=by,
        title=title,
        original_name=checked.name,
        stored_as=f"{FOLDER}/{secrets.token_hex(24)}",
        content_type=checked.content_type,
        size=len(checked.content),
        sha256=hashlib.sha256(checked.content).hexdigest(),
        state=FileState.CLEAN,
        field_group=field_group,
        matter=matter,
    )
    default_storage.save(file.stored_as, ContentFile(checked.content))
    record("file.added", by=by, subject=file, data={"sha256": file.sha256, "kind": file.content_type})
    return file


@transaction.atomic
def remove_file(*, file: ChildFile, why: str, by: User) -> ChildFile:
    """Take a file out of sight; its content is kept for as long as the child's record is.

    Raises:
        Refused: when ``by`` neither added it nor is the Virtual School Head.
        Conflict: when it was removed already.
    """
    file = _locked_file(file)
    require(policies.can_remove_file(by, file))
    return _remove(file, why, by)


def _locked_file(file: ChildFile) -> ChildFile:
    found: ChildFile = ChildFile.objects.select_for_update(of=("self",)).select_related("child").get(pk=file.pk)
    return found


def _remove(file: ChildFile, why: str, by: User) -> ChildFile:
    if file.removed_at is not None:
        raise Conflict("This file was removed already.")
    file.removed_at, file.removed_why = now(), why
    file.save(update_fields=["removed_at", "removed_why"])
    record("file.removed", by=by, subject=file, why=why)
    return file


def _check(upload: "UploadedFile[Any]") -> filecheck.Checked:
    """Its size is asked before it is read."""
    try:
        if (upload.size or 0) > filecheck.LARGEST:
            raise ValidationError(filecheck.TOO_LARGE)
        return filecheck.check(upload.name or "", upload.read())
    except ValidationError as refused:
        raise ValidationError({"upload": refused.messages}) from refused


def _same(there: ChildFile, child: Child, by: User, matter: str) -> ChildFile:
    if (there.child_id, there.uploaded_by_id, there.matter) != (child.pk, by.pk, matter):
        raise Conflict("This file could not be kept. Open the page again and add it there.")
    return there
