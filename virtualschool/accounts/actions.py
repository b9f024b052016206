"""What is done to accounts: inviting, changing, closing and covering, and who is a school's designated teacher."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from virtualschool.accounts import policies, signals
from virtualschool.accounts.models import Cover, Membership, Organisation, User
from virtualschool.accounts.roles import SCHOOL_ROLES
from virtualschool.audit import log
from virtualschool.audit.models import AuditEvent
from virtualschool.kernel.dates import now, today
from virtualschool.kernel.verdicts import Conflict, Verdict, require


@transaction.atomic
def invite(
    *,
    name: str,
    email: str,
    role: str,
    by: User,
    phases: Sequence[str] = (),
    telephone: str = "",
    teacher: bool = False,
    colleague_at: Organisation | None = None,
) -> User:
    """Make an account without a password; the person chooses one by the link that is mailed to them.

    Args:
        teacher: invited as a school's designated teacher, which the register's keepers do without being administrators.
        colleague_at: invited by a school's designated teacher to write a part there; ``name_colleague`` gives them their place.

    Raises:
        ValidationError: when the address has an account.
    """
    require(_may_invite(by, teacher, colleague_at))
    taken = ValidationError({"email": "There is an account with this email address already."})
    if User.objects.filter(email__iexact=email).exists():
        raise taken
    facts: dict[str, Any] = {
        "name": name,
        "role": "teacher" if teacher or colleague_at else role,
        "phases": list(phases),
        "telephone": telephone,
    }
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, **facts, invited_at=now())
    except IntegrityError:  # somebody else invited the same person in this moment
        raise taken from None
    log.record("account.invited", by=by, subject=person, data={"role": person.role})
    return person


@transaction.atomic
def change_role(*, user: User, role: str, by: User, phases: Sequence[str] = ()) -> User:
    """Give somebody another role. Their sessions end, and what they reach from now on is the new role's.

    Whoever is no longer a designated teacher leaves the register of every school today. Covers, given and taken, end today,
    because only a colleague of the same role covers.
    """
    person = _locked(user)
    require(policies.can_change_account_of(by, person))
    before = person.role
    person.role, person.phases = role, list(phases)
    person.save(update_fields=["role", "phases"])
    if role not in SCHOOL_ROLES:
        _end_today(person.memberships.filter(organisation__kind=Organisation.Kind.SCHOOL))
    if role != before:
        _end_today(person.covers)
        _end_today(person.covering)
    event = log.record("account.role_changed", by=by, subject=person, data={"from": before, "to": role})
    for place in person.memberships.filter(end__gte=today()):
        _tell(place, event)
    return person


@transaction.atomic
def set_administrator(*, user: User, administrator: bool, by: User) -> User:
    """Make somebody an account administrator, or no longer one; the last one stays."""
    _hold_administrators()
    person = _locked(user)
    require(policies.can_change_account_of(_as_of_now(by), person))
    require(policies.has_open_account(person) if administrator else policies.can_lose_administrator(person))
    person.is_administrator = administrator
    person.save(update_fields=["is_administrator"])
    log.record("account.administrator", by=by, subject=person, data={"administrator": administrator})
    return person


@transaction.atomic
def deactivate(*, user: User, why: str, by: User) -> User:
    """Close an account: nobody signs in with it from now on; what the person wrote keeps its author.

    Sessions end, and so do memberships and cover for colleagues, those that have not begun too. Children stay allocated until
    somebody reallocates them, so that nobody is forgotten: the list of records to complete names them.
    """
    _hold_administrators()
    person = _locked(user)
    require(policies.can_change_account_of(_as_of_now(by), person))
    require(policies.can_lose_administrator(person))
    if not person.is_active:
        raise Conflict("This account is closed already.")
    person.is_active, person.is_administrator = False, False
    person.save(update_fields=["is_active", "is_administrator"])
    _end_today(person.memberships)
    _end_today(person.covering)
    event = log.record("account.deactivated", by=by, subject=person, why=why)
    for place in person.memberships.filter(end__gte=today()):
        _tell(place, event)
    return person


@transaction.atomic
def reactivate(*, user: User, by: User) -> User:
    """Open a closed account again. It belongs to no organisation until it is put into one."""
    person = _locked(user)
    require(policies.can_change_account_of(by, person))
    if person.is_active:
        raise Conflict("This account is open already.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    log.record("account.reactivated", by=by, subject=person)
    return person


@transaction.atomic
def add_organisation(*, kind: str, name: str, by: User, code: str = "") -> Organisation:
    """Add a social work team or a service; a school comes with the register.

    Raises:
        ValidationError: when another body of its kind has the code.
    """
    require(policies.can_keep_accounts(by))
    body = Organisation(kind=kind, name=name, code=code)
    body.full_clean()
    body.save()
    log.record("organisation.added", by=by, subject=body, data={"kind": kind})
    return body


@transaction.atomic
def join(*, user: User, organisation: Organisation, start: date, by: User, position: str = "member") -> Membership:
    """Put somebody into a team or service from a day on."""
    person = _locked(user)
    require(policies.can_put_into(by, person, organisation))
    membership = Membership(user=person, organisation=organisation, start=start, position=position)
    _save_dated(membership)
    log.record("membership.started", by=by, subject=membership, data={"user": user.pk, "organisation": organisation.pk})
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, end: date, by: User) -> Membership:
    """End a membership; ``end`` is the first day on which the person no longer belongs."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("organisation", "user")
    held = rows.get(pk=membership.pk)
    require(policies.can_end_membership(by, held))
    held.end = end
    _save_dated(held)
    _tell(held, log.record("membership.ended", by=by, subject=held, data={"end": end}))
    return held


@transaction.atomic
def appoint_teacher(
    *, organisation: Organisation, user: User, start: date, by: User, deputy: bool = False
) -> Membership:
    """Make somebody a school's designated teacher, or a deputy, from a day on.

    Whoever was the designated teacher stops being it on that day and no longer reaches the school's children; a deputy who
    becomes the designated teacher stops being a deputy. Appointing the same person again changes nothing.
    """
    school = Organisation.objects.select_for_update().get(pk=organisation.pk)
    require(policies.can_keep_teachers_of(by, school))
    require(policies.can_be_teacher(user))
    position = Membership.Position.DEPUTY if deputy else Membership.Position.DESIGNATED_TEACHER
    mine = school.memberships.current(start).filter(user=user).first()
    if mine is not None and mine.position == position:
        return mine
    leaving = [] if deputy else list(school.memberships.current(start).filter(position=position))
    for membership in [*leaving, *([mine] if mine else [])]:
        membership.end = max(start, membership.start)
        membership.save(update_fields=["end"])
    appointed = Membership(organisation=school, user=user, position=position, start=start)
    _save_dated(appointed)
    data = {"user": user.pk, "position": position, "start": start}
    _tell(appointed, log.record("school.teacher_appointed", by=by, subject=school, data=data))
    return appointed


@transaction.atomic
def name_colleague(*, organisation: Organisation, user: User, by: User) -> Membership:
    """Give somebody the place of a colleague at a school from today. By itself it reaches no child.

    Whoever has a place there keeps the one they have.

    Raises:
        Refused: when ``by`` is not the school's, or the account is another kind's.
    """
    school = Organisation.objects.select_for_update().get(pk=organisation.pk)
    require(policies.can_name_colleague(by, school))
    require(policies.can_be_colleague(user))
    there = school.memberships.current().filter(user=user).first()
    if there is not None:
        return there
    later = school.memberships.filter(user=user, start__gt=today()).order_by("start").first()
    place = Membership(
        organisation=school,
        user=user,
        position=Membership.Position.COLLEAGUE,
        start=today(),
        end=later.start if later else None,
    )
    _save_dated(place)
    log.record("school.colleague_named", by=by, subject=school, data={"user": user.pk})
    return place


@transaction.atomic
def arrange_cover(*, user: User, covered_by: User, start: date, end: date, reason: str, by: User) -> Cover:
    """Let a colleague of the same role reach what somebody reaches, from a day until another (half-open)."""
    require(policies.can_arrange_cover(by, user))
    require(policies.covers_the_same_work(user, covered_by))
    cover = Cover(user=_locked(user), covered_by=covered_by, start=start, end=end, reason=reason, created_by=by)
    _save_dated(cover)
    log.record(
        "cover.arranged", by=by, subject=cover, data={"user": user.pk, "by": covered_by.pk, "start": start, "end": end}
    )
    return cover


@transaction.atomic
def end_cover(*, cover: Cover, by: User) -> Cover:
    """End a cover today; one that has not begun is ended before it begins."""
    held = Cover.objects.select_for_update(of=("self",)).get(pk=cover.pk)
    require(policies.can_end_cover(by, held))
    if held.end <= today():
        raise Conflict("This cover is over already.")
    held.end = max(today(), held.start)
    held.save(update_fields=["end"])
    log.record("cover.ended", by=by, subject=held)
    return held


def _may_invite(by: User, teacher: bool, colleague_at: Organisation | None) -> Verdict:
    if colleague_at is not None:
        return policies.can_name_colleague(by, colleague_at)
    return policies.can_keep_teachers(by) if teacher else policies.can_keep_accounts(by)


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)


def _as_of_now(user: User) -> User:
    """The rights somebody has after waiting for a lock, in which time another administrator may have taken them."""
    return User.objects.get(pk=user.pk)


def _save_dated(row: Membership | Cover) -> None:
    """Save it when its period runs forwards and meets no other that it must not.

    Raises:
        ValidationError: otherwise. A period that runs backwards is told here, because no range can be made of it to compare.
    """
    if row.end is not None and row.end < row.start:
        raise ValidationError({"end": "The end must not be before the start."})
    row.full_clean()
    row.save()


def _tell(place: Membership, event: AuditEvent) -> None:
    """Whoever follows a school's designated teachers hears of a place that began or ended."""
    if place.position in Membership.TEACHING:
        signals.teachers_changed.send(sender=Membership, organisation=place.organisation_id, event=event.pk)


def _end_today(periods: Any) -> None:
    """End memberships or covers that hold today or would later; what has not begun never does."""
    for row in periods.filter(Q(end__isnull=True) | Q(end__gt=today())):
        row.end = max(today(), row.start)
        row.save(update_fields=["end"])


def _hold_administrators() -> None:
    """Two administrators who close each other's accounts at once wait for one another, so that one of them stays."""
    list(User.objects.select_for_update().filter(is_administrator=True, is_active=True).order_by("pk").values("pk"))
