"""A PEP as plain data, as it stands: what a completed version keeps, and what the page of an open one shows of its evidence."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from peps import frozen, statements
from peps.actions import occasions
from peps.enums import MeetingState
from peps.models import MeetingInvitation, Pep, PepFile, PepMeeting, PepReview, PepTarget
from peps.people import NAMED_FOR

ENCODER = DjangoJSONEncoder
OF_MEETINGS = "files_of_meetings"  # where files are that belong to no section
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
REVIEW_FIELDS = (*TARGET_FIELDS, "outcome", "evidence")
ACTION_FIELDS = ("what", "named_person", "by_when", "done_on")
COST_FIELDS = ("item", "category", "sessions_a_week", "weeks", "price_pence", "total_pence", "excluded_as", "agreed")


def content(pep: Pep, review: PepReview) -> dict[str, Any]:
    """Everything written in the PEP: sections by their keys, targets with costs, the meeting with who came, the decision; and what
    became of the targets of the PEP before."""
    return {
        "layout": pep.layout,
        "kind": pep.kind,
        "phase": pep.phase,
        "year_group": occasions.taught_in(pep),
        "term": [pep.academic_year, pep.term],
        "school": pep.school.urn if pep.school else "",
        "sections": {
            section.key: _answers(section) for section in pep.sections.prefetch_related("answers__written_by")
        },
        frozen.KEPT_UNDER: frozen.freeze(pep),
        "statements": [statements.plain(one) for one in statements.of(pep)],
        "meeting": _meeting(pep),
        "last_targets": _last_targets(pep),
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


def plain(kept: Any) -> Any:
    """As it is kept and read again: days and moments as they are written."""
    return json.loads(json.dumps(kept, cls=ENCODER))


def evidence(pep: Pep) -> dict[str, Any]:
    """Of ``content``, what stands beside the sections and is no target of this PEP: as it is now. Four queries."""
    found: dict[str, Any] = plain({"meeting": _meeting(pep), "last_targets": _last_targets(pep)})
    return found


def _file(one: PepFile) -> dict[str, Any]:
    """Which file it was, how large, and what kind of information it holds: the digest of its content says whether it is still that."""
    place, file = one.section.key if one.section else OF_MEETINGS, one.file
    facts = {"place": place, "kind": one.kind, "title": file.title, "sha256": file.sha256, "uuid": file.uuid}
    return facts | {"size": file.size, "reads": file.field_group}


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


def _last_targets(pep: Pep) -> list[dict[str, Any]]:
    """The targets of the PEP before, with what was said of them in this one."""
    before = PepTarget.objects.filter(pep=pep.previous_id) if pep.previous_id else PepTarget.objects.none()
    return [{name: getattr(target, name) for name in REVIEW_FIELDS} for target in before]


def _target(target: PepTarget) -> dict[str, Any]:
    facts = {"uuid": target.uuid} | {name: getattr(target, name) for name in TARGET_FIELDS}
    return facts | {"costs": [{name: getattr(cost, name) for name in COST_FIELDS} for cost in target.costs.all()]}
