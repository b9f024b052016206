"""What a child's timeline tells of suspensions and permanent exclusions: each, and every step of it."""

from attendance.enums import ExclusionState
from attendance.exclusions import evidence as exclusion_evidence
from attendance.exclusions.words import STEPS
from attendance.models import Exclusion, ExclusionStep
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

KIND = "suspension"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Those that this person may know of, without those entered by mistake. Two queries; the words stay on its own page."""
    rows = Exclusion.objects.visible_to(user).filter(child=child).exclude(state=ExclusionState.STRUCK)
    steps = ExclusionStep.objects.filter(exclusion__in=rows, event__in=STEPS)
    found = [
        Moment(one.start, exclusion_evidence.title(one), KIND, text=_where(one), href=one.get_absolute_url())
        for one in rows.select_related("school")
    ]
    for step in steps.select_related("by", "exclusion"):
        words, by = STEPS[step.event].button, step.by.name if step.by else ""
        title = f"{exclusion_evidence.title(step.exclusion)}: {words[0].lower()}{words[1:]}"
        found.append(Moment(step.on, title, KIND, by, href=step.exclusion.get_absolute_url()))
    return found


def _where(one: Exclusion) -> str:
    return f"{one.school.name}, {exclusion_evidence.when(one)}"
