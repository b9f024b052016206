"""School moves in the world of the access matrix: a case that is proposed, and the words planted in it."""

from typing import Any

from children.models import Child
from tests.access import declared
from tests.factories.moves import ConsultationFactory, NominatedOfficerFactory, ProposedSchoolFactory, SchoolMoveFactory
from virtualschool.accounts.models import User


def records(child: Child, workers: dict[str, User]) -> dict[str, Any]:
    """Opened and proposed by the child's social worker; nobody has said anything yet."""
    place = child.enrolments.order_by("start").last()
    move = SchoolMoveFactory(child=child, proposed=True, opened_by=workers["socialworker"], from_place=place)
    ProposedSchoolFactory(move=move)
    return {
        "move": move,
        "view": ConsultationFactory(move=move, consultee="parents"),
        "view_school": ConsultationFactory(move=move, consultee="teacher_now"),
    }


def beside(workers: dict[str, User]) -> dict[str, Any]:
    """A nomination."""
    return {"officer": NominatedOfficerFactory(nominated_by=workers["vsh"])}


def plant(nest: Any, side: str, child: Child, records: dict[str, Any], workers: dict[str, User]) -> None:
    """The reason is for those who work with moves and those who are asked; the circumstances of the home are narrative."""
    readers = declared.READ_MOVES
    move = records["move"]
    changed = {
        "reason": nest.word("education", side, readers=readers | {"teacher"}),
        "circumstances": nest.word("narrative", side),
        "keep_words": nest.word("education", side, readers=readers),
        "keep_possible": False,
        "keep_payer": "carer",
    }
    type(move).objects.filter(pk=move.pk).update(**changed)
    move.refresh_from_db()
    words = nest.word("voice", side, readers=declared.READS["voice"] & readers)
    ConsultationFactory(move=move, consultee="child", answered=True, words=words)
