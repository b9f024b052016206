"""What a made-up past PEP keeps as its version, in the shape of ``peps.actions.snapshot``."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from peps.actions.snapshot import REVIEW_FIELDS, TARGET_FIELDS
from peps.models import MeetingInvitation, Pep, PepAnswer, PepMeeting, PepReview, PepTarget
from peps.people import NAMED_FOR

DECIDED = ("grade", "reason", "rubric", "marks", "working")


def content(
    pep: Pep,
    answers: Iterable[PepAnswer],
    meeting: Mapping[str, Any],
    target: PepTarget,
    last: PepTarget | None,
    review: PepReview,
) -> dict[str, Any]:
    said: dict[str, dict[str, Any]] = {}
    for answer in answers:
        given = {"value": answer.value, "by": str(answer.written_by)}
        said.setdefault(answer.section.key, {})[answer.field] = given
    return {
        "layout": pep.layout,
        "kind": pep.kind,
        "phase": pep.phase,
        "year_group": pep.year_group,
        "term": [pep.academic_year, pep.term],
        "school": pep.school.urn if pep.school else "",
        "sections": said,
        "meeting": meeting,
        "last_targets": [_plain(last, REVIEW_FIELDS)] if last else [],
        "targets": [_plain(target, TARGET_FIELDS)],
        "files": [],
        "review": {"by": str(review.by), "submission": review.submission, **_plain(review, DECIDED)},
    }


def of_meeting(meeting: PepMeeting, invited: Iterable[MeetingInvitation]) -> dict[str, Any]:
    """The meeting with who came; nothing was noted at it but the day of the next."""
    people = [
        {
            "seat": str(one.seat),
            "name": str(one.user) if one.user and one.seat not in NAMED_FOR else "",
            "attendance": str(one.attendance),
        }
        for one in invited
    ]
    held = _plain(meeting, ("place", "chair", "next_meeting_on"))
    return held | {"held_at": meeting.starts_at.isoformat(), "actions": [], "people": people}


def last_targets(peps: Iterable[Pep]) -> dict[int, PepTarget]:
    """The target of the PEP before each of these, by that PEP's key. One query."""
    before = [pep.previous_id for pep in peps if pep.previous_id]
    return {target.pep_id: target for target in PepTarget.objects.filter(pep__in=before)}


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}
