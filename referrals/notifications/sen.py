"""Whom a matter of special educational needs goes to at once: the SEN officers, and on their answer whoever opened it."""

from referrals.models import SenMatter, SenStep
from referrals.notifications.people import readers, social_workers
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.jobs import outbox

OPENED = "sen.opened"
ANSWERED = "sen.answered"


def officers() -> list[User]:
    """Every active SEN officer: a matter is open to the role, so that nobody's holiday stops it."""
    return list(User.objects.filter(role=roles.SEN.name, is_active=True).order_by("name", "pk"))


def tell_officers(matter: SenMatter) -> None:
    """A mail at once that something new waits; it names no child."""
    nudges = {f"{OPENED}:{matter.uuid}:{user.pk}": user for user in officers()}
    outbox.post_many(nudges, kind=OPENED, urgent=True)


def tell_opener(matter: SenMatter, step: SenStep) -> None:
    """Whoever opened it learns of each step that somebody else takes; where they may not open it any more, the social worker of today."""
    people = readers(matter, [matter.opened_by])
    if matter.opened_by is not None and not people:
        people = readers(matter, social_workers(matter.child))
    nudges = {f"{ANSWERED}:{matter.uuid}:{step.pk}:{user.pk}": user for user in people if user.pk != step.by_id}
    outbox.post_many(nudges, kind=ANSWERED, urgent=True)


outbox.register_kind(OPENED, "new matters for the SEN team")
outbox.register_kind(ANSWERED, "steps of the SEN team in what you opened")
