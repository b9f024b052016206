"""How a school move's page tells what was decided and excepted: who, in what capacity, when, and why for those who read such words."""

from typing import Any

from referrals.models import MoveDecision, SchoolMove
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.formfields import long_date
from virtualschool.rulebook.schoolyear import curriculum_year_words

Row = dict[str, Any]
EXCEPTION_ENDS = "It holds for this case alone: it ends with it, or when the case is taken back."


def decisions(move: SchoolMove, user: User) -> list[Row]:
    """What was decided, by whom and in what capacity; the four conditions where they were asked for."""
    rows = MoveDecision.objects.filter(move=move).select_related("by", "nomination").order_by("-pk")
    return [_decision(one, user.reads(FieldGroup.NARRATIVE)) for one in rows]


def _decision(one: MoveDecision, reads: bool) -> Row:
    role = f"nominated officer since {long_date(one.nomination.start)}" if one.nomination else one.by.role_class.title
    conditions = [
        ("Child’s wishes", one.wishes),
        ("Provision", one.provision),
        ("Designated teacher", one.teacher),
        ("Reviewing officer", one.officer),
    ]
    return {
        "when": one.on,
        "title": "Approved" if one.approved else "Refused",
        "by": f"{one.by.name}, {role}",
        "text": one.words if reads else "",
        "lines": [*_decided_for(one), *(f"{name}: {words}" for name, words in conditions if words and reads)],
    }


def _decided_for(one: MoveDecision) -> list[str]:
    if one.wanted_on is None or one.year is None:
        return []
    return [f"For a move on {long_date(one.wanted_on)}, in {curriculum_year_words(one.year)}"]


def exceptions(move: SchoolMove, user: User) -> list[Row]:
    """What the head excepted, for which school and when; why, for those who read such words. It ends with the case, so it has no last day."""
    reads = user.reads(FieldGroup.NARRATIVE)
    return [
        {
            "when": one.on,
            "title": f"Exception from “{one.get_stop_display()}”" + (f": {one.school.name}" if one.school else ""),
            "by": f"{one.by.name}, {one.by.role_class.title}",
            "text": one.reason if reads else "",
            "lines": [EXCEPTION_ENDS],
        }
        for one in move.exceptions.select_related("by", "school").order_by("-on", "-pk")
    ]
