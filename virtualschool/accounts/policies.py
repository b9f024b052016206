"""Who may keep accounts, and who may keep the register of designated teachers."""

from django.db.models import Q

from virtualschool.accounts.models import Cover, Membership, Organisation, User
from virtualschool.accounts.roles import ROLES, SCHOOL_ROLES, Act
from virtualschool.kernel.verdicts import ALLOW, Verdict, refuse

SOURCE = "Accounts and roles"


def can_keep_accounts(user: User) -> Verdict:
    """Account administrators; the flag is apart from the role, so that no role gives itself more."""
    if user.is_active and user.is_administrator:
        return ALLOW
    return refuse("Accounts are kept by the account administrators.", SOURCE)


def can_keep_account(user: User, person: User) -> Verdict:
    return can_keep_accounts(user)


def can_change_account_of(user: User, person: User) -> Verdict:
    """Nobody changes their own role or rights, or closes their own account."""
    allowed = can_keep_accounts(user)
    if allowed and user.pk == person.pk:
        return refuse("Another administrator does this for you.", SOURCE)
    return allowed


def can_change_open_account(user: User, person: User) -> Verdict:
    """A closed account is opened again first: nobody signs in with it."""
    return can_change_account_of(user, person) & has_open_account(person)


def has_open_account(person: User) -> Verdict:
    """What is given to a closed account would come back with it when it is opened again."""
    if person.is_active:
        return ALLOW
    return refuse(f"{person.name}'s account is closed. Open it first.", SOURCE)


def can_put_into(user: User, person: User, organisation: Organisation) -> Verdict:
    """A school's people are kept in the register of designated teachers instead."""
    allowed = can_keep_accounts(user) & has_open_account(person)
    if allowed and organisation.kind == Organisation.Kind.SCHOOL:
        return refuse("The register of designated teachers says who belongs to a school.", SOURCE)
    return allowed


def can_lose_administrator(person: User) -> Verdict:
    """The last active administrator stays one."""
    if not (person.is_administrator and person.is_active):
        return ALLOW
    if User.objects.active().filter(is_administrator=True).exclude(pk=person.pk).exists():
        return ALLOW
    return refuse("This is the last administrator. Make somebody else an administrator first.", SOURCE)


def can_arrange_cover(user: User, person: User) -> Verdict:
    """For oneself, or by an administrator for somebody who is away."""
    return ALLOW if user.pk == person.pk else can_keep_accounts(user)


def can_end_cover(user: User, cover: Cover) -> Verdict:
    if user.pk in {cover.user_id, cover.covered_by_id}:
        return ALLOW
    return can_keep_accounts(user)


def can_see_own_cover(user: User) -> Verdict:
    """Everybody sees who covers for them."""
    return ALLOW


def covers_the_same_work(person: User, colleague: User) -> Verdict:
    """Reach follows the role, so only a colleague of the same role covers."""
    if not colleague.is_active:
        return refuse(f"{colleague.name} has no active account.", SOURCE)
    if colleague.pk == person.pk:
        return refuse("Somebody else covers.", SOURCE)
    if person.role != colleague.role:
        title = ROLES[colleague.role].title
        return refuse(f"Only a colleague in the same role can cover. {colleague.name} has the role {title}.", SOURCE)
    return ALLOW


def can_keep_teachers(user: User) -> Verdict:
    """The register of designated teachers and their deputies."""
    if user.may(Act.KEEP_SCHOOLS):
        return ALLOW
    return refuse("The register of designated teachers is kept by the Virtual School.", SOURCE)


def can_keep_teachers_of(user: User, organisation: Organisation) -> Verdict:
    allowed = can_keep_teachers(user)
    if allowed and organisation.kind != Organisation.Kind.SCHOOL:
        return refuse("Only a school has a designated teacher.", SOURCE)
    return allowed


def can_name_colleague(user: User, organisation: Organisation) -> Verdict:
    """Who has a school's own reach, or covers for them, names the colleagues there who write a part."""
    covered = Cover.objects.current().filter(covered_by=user, user__role=user.role)
    places = Membership.objects.current().filter(
        Q(user=user) | Q(user__in=covered.values("user")), organisation=organisation, position__in=Membership.REACHING
    )
    if user.is_active and user.role in SCHOOL_ROLES and organisation.kind == "school" and places.exists():
        return ALLOW
    return refuse("A colleague at a school is named by its designated teacher.", SOURCE)


def only_a_colleague(user: User) -> bool:
    """Whether every place they have today is that of a colleague who was asked for a part."""
    places = set(Membership.objects.current().filter(user=user).values_list("position", flat=True))
    return places == {Membership.Position.COLLEAGUE}


def can_be_colleague(person: User) -> Verdict:
    """An account that is not a school's belongs to other work, and reads other things."""
    if person.is_active and person.role in SCHOOL_ROLES:
        return ALLOW
    return refuse("This account is closed, or is not one of a school.", SOURCE)


def can_end_membership(user: User, membership: Membership) -> Verdict:
    return can_end_place(user, membership.user, membership.organisation)


def can_end_place(user: User, person: User, organisation: Organisation) -> Verdict:
    """A school's place is the register's; every other is the account administrators'."""
    return can_keep_teachers(user) if organisation.kind == Organisation.Kind.SCHOOL else can_keep_accounts(user)


def can_be_teacher(person: User) -> Verdict:
    """A designated teacher's account has a school's role and is active."""
    if person.is_active and person.role in SCHOOL_ROLES:
        return ALLOW
    return refuse(f"{person.name} does not have a designated teacher's account.", SOURCE)
