"""A PEP as plain data, as it stands: what a completed version keeps."""

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from peps import frozen, statements
from peps.enums import MeetingState
from peps.models import MeetingInvitation, Pep, PepFile, PepMeeting, PepReview, PepTarget
from peps.people import NAMED_FOR

ENCODER = DjangoJSONEncoder
TARGET_FIELDS = (
    "area",
    "start_point",
    "goal",
    "measure",
    "by_when",
    "why",
    "what",
    "where",
    "how_often",
    "named_person",
)
ACTION_FIELDS = ("what", "named_person", "by_when", "done_on")
COST_FIELDS = ("item", "category", "sessions_a_week", "weeks", "price_pence", "total_pence", "excluded_as", "agreed")


def content(pep: Pep, review: PepReview) -> dict[str, Any]:
    """Everything written in the PEP: sections by their keys, targets with costs, the meeting with who came, the decision."""
    return {
        "layout": pep.layout,
        "kind": pep.kind,
        "phase": pep.phase,
        "term": [pep.academic_year, pep.term],
        "school": pep.school.urn if pep.school else "",
        "sections": {
            section.key: _answers(section) for section in pep.sections.prefetch_related("answers__written_by")
        },
        frozen.KEPT_UNDER: frozen.freeze(pep),
        "statements": [statements.plain(one) for one in statements.of(pep)],
        "meeting": _meeting(pep),
        "targets": [_target(target) for target in PepTarget.objects.filter(pep=pep).prefetch_related("costs")],
        "files": [
            _file(one) for one in PepFile.objects.filter(pep=pep, file__removed_at=None).select_related(*_PLACES)
        ],
        "review": {
            "grade": review.grade,
            "reason": review.reason,
            "by": str(review.by),
            "submission": review.submission,
            "rubric": review.rubric,
            "marks": review.marks,
            "working": review.working,
            "departed_why": review.departed_why,
            "praise": review.praise,
            "must_fix": review.must_fix,
            "next_time": review.next_time,
        },
    }


_PLACES = ("file", "section")


def _file(one: PepFile) -> dict[str, Any]:
    """Which file it was: the digest of its content says whether it is still that."""
    place = one.section.key if one.section else "meeting"
    return {"place": place, "kind": one.kind, "title": one.file.title, "sha256": one.file.sha256}


def _answers(section: Any) -> dict[str, Any]:
    return {answer.field: {"value": answer.value, "by": answer.writers} for answer in section.answers.all()}


def _meeting(pep: Pep) -> dict[str, Any]:
    meeting = PepMeeting.objects.filter(pep=pep, state=MeetingState.HELD).first()
    if meeting is None:
        return {}
    came = meeting.invitations.select_related("user")
    return {
        "held_at": meeting.starts_at,
        "place": meeting.place,
        "chair": meeting.chair,
        "key_points": meeting.key_points,
        "next_meeting_on": meeting.next_meeting_on,
        "child_there": meeting.child_there,
        "for_child": meeting.for_child,
        "actions": [{name: getattr(one, name) for name in ACTION_FIELDS} for one in meeting.actions.all()],
        "people": [{"seat": one.seat, "name": _name(one), "attendance": one.attendance} for one in came],
    }


def _name(invitation: MeetingInvitation) -> str:
    """Who came. A carer's or a parent's name stays in the invitation, where it is shown to roles that read it."""
    return "" if invitation.seat in NAMED_FOR else str(invitation.user or invitation.name)


def _target(target: PepTarget) -> dict[str, Any]:
    facts = {"uuid": target.uuid} | {name: getattr(target, name) for name in TARGET_FIELDS}
    return facts | {"costs": [{name: getattr(cost, name) for name in COST_FIELDS} for cost in target.costs.all()]}
