"""What happened in school moves, for the child's timeline."""

from children.models import Child
from referrals.models import MoveDecision, SchoolMove
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

KIND = "school move"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Opened, proposed, acted on, decided, on the new roll, closed. Two queries; the reasons stay on the case's own page."""
    cases = {
        move.pk: move
        for move in SchoolMove.objects.visible_to(user)
        .filter(child=child)
        .select_related("opened_by", "proposed_by", "acted_by", "new_place__school")
    }
    told = [moment for move in cases.values() for moment in _of(move)]
    for one in MoveDecision.objects.filter(move__in=cases).select_related("by"):
        words = "School move approved" if one.approved else "School move refused"
        told.append(Moment(one.on, words, KIND, one.by.name, href=cases[one.move_id].get_absolute_url()))
    return told


def _of(move: SchoolMove) -> list[Moment]:
    href, told = move.get_absolute_url(), []
    by = move.opened_by.name if move.opened_by else ""
    told.append(Moment(move.opened_on, f"School move opened: {move.what}", KIND, by, href=href))
    if move.proposed_on and move.proposed_by:
        told.append(Moment(move.proposed_on, "School move proposed", KIND, move.proposed_by.name, href=href))
    if move.acted_on:
        by = move.acted_by.name if move.acted_by else ""
        told.append(Moment(move.acted_on, "Acted on as an emergency", KIND, by, href=href))
    if move.ended_on:
        told.append(Moment(move.ended_on, f"School move {move.get_state_display()}", KIND, href=href))
    return told
