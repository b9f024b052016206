"""Reach for a time and a matter: grants that upper apps open and close, and breaking glass.

Only a team manager breaks glass, for a child outside the team, found by exact id, UPN, or name with date of birth; never by an
address. It lasts an hour (rule ``access.break_glass_minutes``), opens nothing that is sealed, and the data protection officer is
told at once.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from children.enums import GrantKind
from children.models import AccessGrant, Child
from children.policies import watch as policies
from virtualschool.accounts import roles
from virtualschool.accounts.models import User
from virtualschool.audit import log
from virtualschool.jobs import outbox
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Refused, require
from virtualschool.rulebook import rules

OPENED = "access.glass_broken"


@transaction.atomic
def grant(
    *,
    child: Child,
    kind: GrantKind | str,
    matter: str,
    reason: str,
    user: User | None = None,
    role: str = "",
    closes_at: datetime | None = None,
    by: User | None = None,
) -> AccessGrant:
    """Let a person, or every holder of a role, reach a child for a matter, once; a second call answers the open grant.

    Args:
        matter: the record it is for, as ``app.Model:uuid``.
        closes_at: when it ends by itself; without it, when the matter closes it.
    """
    still_open = Q(closes_at__isnull=True) | Q(closes_at__gt=now())
    Child.objects.select_for_update(of=("self",)).get(pk=child.pk)
    there = AccessGrant.objects.filter(still_open, child=child, user=user, role=role, matter=matter).first()
    if there is not None:
        return there
    opened = AccessGrant.objects.create(
        child=child, user=user, role=role, kind=kind, matter=matter, reason=reason, opened_at=now(), closes_at=closes_at
    )
    data = {"kind": str(kind), "role": role, "matter": matter, "closes_at": closes_at}
    log.record("access.granted", by=by, subject=opened, why=reason, data=data)
    return opened


@transaction.atomic
def close(*, matter: str, child: Child | None = None, by: User | None = None) -> int:
    """End every open grant for a matter now.

    Returns:
        how many were open.
    """
    still_open = AccessGrant.objects.filter(Q(closes_at__isnull=True) | Q(closes_at__gt=now()), matter=matter)
    if child is not None:
        still_open = still_open.filter(child=child)
    ended = list(still_open.select_for_update(of=("self",)))
    for one in ended:
        one.closes_at = max(now(), one.opened_at)
        one.save(update_fields=["closes_at"])
        log.record("access.closed", by=by, subject=one, data={"matter": matter})
    return len(ended)


def outside_team(
    *, by: User, number: str = "", last_name: str = "", date_of_birth: date | None = None
) -> QuerySet[Child]:
    """Children on the roll whom ``by`` does not reach, found exactly: by council's id or UPN, or by last name with date of birth."""
    on_roll = Child.objects.on_roll().exclude(pk__in=Child.objects.visible_to(by).values("pk"))
    if number:
        return on_roll.filter(Q(child_id__iexact=number) | Q(upn__iexact=number))
    if last_name and date_of_birth:
        return on_roll.filter(last_name__iexact=last_name, date_of_birth=date_of_birth)
    return on_roll.none()


@transaction.atomic
def break_glass(*, child_uuid: UUID, reason: str, by: User) -> AccessGrant:
    """Reach a child outside the team for an hour, with the reason kept and the data protection officer told at once.

    Raises:
        Refused: when the role may not, the reason is too short, or the child is not one who can be opened so.
    """
    require(policies.can_break_glass(by, reason=reason))
    child = Child.objects.on_roll().filter(uuid=child_uuid).first()
    if child is None:
        raise Refused(policies.NO_SUCH_CHILD)
    minutes = rules.value("access.break_glass_minutes", on=today())
    opened = grant(
        child=child,
        user=by,
        kind=GrantKind.BREAK_GLASS,
        matter=f"children.Child:{child.uuid}",
        reason=reason,
        closes_at=now() + timedelta(minutes=minutes),
        by=by,
    )
    log.record(OPENED, by=by, subject=opened, why=reason, data={"minutes": minutes})
    _tell_data_protection(opened)
    return opened


def open_glass(*, by: User, child: Child) -> AccessGrant | None:
    """The grant by which ``by`` has the child's record open from outside the team now, for the banner that says so."""
    return AccessGrant.objects.filter(child=child, user=by, kind=GrantKind.BREAK_GLASS, closes_at__gt=now()).first()


def _tell_data_protection(opened: AccessGrant) -> None:
    for officer in User.objects.filter(is_active=True, role=roles.DPO.name):
        outbox.post(key=f"break-glass:{opened.uuid}:{officer.pk}", to=officer, kind=OPENED, urgent=True)


outbox.register_kind(OPENED, "records opened from outside the team, with a reason")
