"""Whom an application for a school place goes to at once: the admissions team, and on each answer whoever applied. No mail names a child."""

from referrals.models import Application, ApplicationStep
from referrals.notifications.people import readers, social_workers
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

APPLIED = "admissions.applied"
ANSWERED = "admissions.answered"


def officers() -> list[User]:
    """Every active admissions officer: an application is open to the role, so that nobody's holiday stops it."""
    return list(User.objects.filter(role=roles.ADMISSIONS.name, is_active=True).order_by("name", "pk"))


def tell_officers(application: Application) -> None:
    nudges = {f"{APPLIED}:{application.uuid}:{user.pk}": user for user in officers()}
    outbox.post_many(nudges, kind=APPLIED, urgent=True)


def tell_applicant(application: Application, step: ApplicationStep) -> None:
    """Whoever applied, and the social workers of then and today, learn of each step that somebody else takes, if they may open it still."""
    named = [application.applied_by, application.with_worker, *social_workers(application.child)]
    people = [user for user in readers(application, named) if user.pk != step.by_id]
    nudges = {f"{ANSWERED}:{application.uuid}:{step.pk}:{user.pk}": user for user in people}
    outbox.post_many(nudges, kind=ANSWERED, urgent=True)


outbox.register_kind(APPLIED, "new applications for school places")
outbox.register_kind(ANSWERED, "answers to applications for school places")
