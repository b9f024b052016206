"""The light register of children whom other councils placed in our area. They stand in none of our figures."""

from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.models import HostedChild, LocalAuthority, School
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.verdicts import Conflict, require


@transaction.atomic
def add_hosted(
    *,
    name: str,
    home_authority: LocalAuthority,
    contact: str,
    start: date,
    by: User,
    school: School | None = None,
    asked_of_us: str = "",
    key: UUID | None = None,
) -> HostedChild:
    """Enter a child placed here. Sent twice under one ``key`` it is one entry.

    Raises:
        Refused: when ``by`` does not keep the register.
    """
    require(policies.can_keep_hosted(by))
    fields = {
        "name": name,
        "home_authority": home_authority,
        "contact": contact,
        "start": start,
        "school": school,
        "asked_of_us": asked_of_us,
    }
    hosted, new = HostedChild.objects.get_or_create(uuid=key or uuid4(), defaults=fields)
    if new:
        record("hosted_child.added", by=by, subject=hosted)
    return hosted


@transaction.atomic
def end_hosted(*, hosted: HostedChild, end: date, by: User) -> HostedChild:
    """The child is no longer placed here from the day on.

    Raises:
        Refused: when ``by`` does not keep the register.
        Conflict: when it was ended already.
        ValidationError: when the end is before the start.
    """
    hosted = HostedChild.objects.select_for_update(of=("self",)).get(pk=hosted.pk)
    require(policies.can_end_hosted(by, hosted))
    if hosted.end is not None:
        raise Conflict(f"This placement has an end already: {long_date(hosted.end)}.")
    if end < hosted.start:
        raise ValidationError({"end": f"It began on {long_date(hosted.start)}. Give that day or a later one."})
    hosted.end = end
    hosted.save(update_fields=["end"])
    record("hosted_child.ended", by=by, subject=hosted, data={"end": end})
    return hosted
