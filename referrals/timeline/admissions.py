"""Applications for school places, for the child's timeline."""

from django.utils.text import capfirst

from children.models import Child
from referrals.models import Application, ApplicationStep
from virtualschool.accounts.models import User
from virtualschool.kernel.moments import Moment

KIND = "school"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Each step of the applications that this person may know of. One query; the words stay on the application's own page."""
    known = Application.objects.visible_to(user).filter(child=child)
    steps = ApplicationStep.objects.filter(application__in=known).select_related("application__school", "by")
    return [
        Moment(
            step.on,
            f"{capfirst(step.get_event_display())} at {step.application.school.name}",
            KIND,
            step.by.name if step.by else "",
            href=step.application.get_absolute_url(),
        )
        for step in steps
    ]
