"""The record of what people did: one event per action, written in the action's own transaction."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from virtualschool.audit import access, context
from virtualschool.audit.models import AuditEvent


def record(
    verb: str, *, by: Any, subject: Model, child: Any = None, why: str = "", data: Mapping[str, Any] | None = None
) -> AuditEvent:
    """Write down that ``by`` did ``verb`` to ``subject``.

    Args:
        by: the user, or None when the service itself did it.
        child: the child concerned (or its id); without it, the child that the subject is or belongs to.
        why: the reason given, where one was asked for.
        data: facts that make the event readable later; never address, carer or birth family.
    """
    concerned = access.child_id(subject if child is None else child)
    return AuditEvent.objects.create(
        verb=verb,
        by="" if by is None else str(by.pk),
        by_name="" if by is None else str(by),
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        child_id="" if concerned is None else str(concerned),
        why=why,
        data=dict(data or {}),
        request_id=context.current().request_id,
    )
