"""Who is asked to agree to a reduced timetable."""

from attendance import told
from attendance.enums import Party
from attendance.models import ReducedTimetable
from children.enums import RelationKind
from virtualschool.jobs import outbox

AGREE = "timetable.agree"
outbox.register_kind(AGREE, "reduced timetables to agree to, or not")


def ask(timetable: ReducedTimetable, parties: list[Party]) -> None:
    """The social worker and the Virtual School's advocate, of those who have yet to say; the school asks carers itself."""
    people = []
    if Party.SOCIAL_WORKER in parties:
        people += told.holders(timetable.child_id, RelationKind.SOCIAL_WORKER)
    if Party.VIRTUAL_SCHOOL in parties:
        people += told.advocate_or_heads(timetable.child_id)
    told.nudge(AGREE, f"{timetable.uuid.hex}:{timetable.round}", people)
