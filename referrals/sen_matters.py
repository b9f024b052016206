"""Questions that other parts ask about the SEN team's matters."""

from referrals.enums import SenKind
from referrals.models import SenMatter


def of_move(matter: str) -> SenMatter | None:
    """The newest notice of a move, open or closed, by the move's own name ``app.Model:uuid``; ``answered_on`` says whether and when they answered."""
    rows = SenMatter.objects.filter(kind=SenKind.MOVE, about=matter).select_related("child", "opened_by")
    return rows.order_by("-pk").first()
