"""What the Pupil Premium Plus books say of a child's PEPs. It is a grant for a cohort: never the child's own money."""

from children.models import Child
from pupil_premium.models import Release
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment
from virtualschool.kernel.money import pounds

KIND = "Pupil Premium Plus"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Lines agreed and released, as far as this person reads money. One query."""
    lines = Release.objects.visible_to(user).filter(child=child).select_related("cost", "school")
    told: list[Moment] = []
    for line in lines:
        told.append(
            Moment(
                line.releasable_on,
                "Pupil Premium Plus line agreed",
                KIND,
                text=_words(line),
                href=line.get_absolute_url(),
            )
        )
        if line.released_on:
            title = "Pupil Premium Plus line released to the school"
            told.append(Moment(line.released_on, title, KIND, text=_words(line), href=line.get_absolute_url()))
    return told


def _words(line: Release) -> str:
    where = f", {line.school.name}" if line.school else ""
    return f"{line.cost.item}: {pounds(line.amount_pence)}{where}"
