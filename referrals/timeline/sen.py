"""Matters of the SEN team, for the child's timeline."""

from django.utils.text import capfirst

from children.models import Child
from referrals.models import SenMatter, SenStep
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

KIND = "special educational needs"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Every step of every matter that this person may know of. One query; the words stay on the matter's own page."""
    known = SenMatter.objects.visible_to(user).filter(child=child)
    steps = SenStep.objects.filter(matter__in=known).select_related("matter", "by")
    return [
        Moment(
            step.on,
            f"{capfirst(step.matter.get_kind_display())}: {step.get_event_display()}",
            KIND,
            step.by.name if step.by else "",
            href=step.matter.get_absolute_url(),
        )
        for step in steps
    ]
