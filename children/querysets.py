"""Who may know of a child. ``Child.objects.visible_to(user)`` is the one door; everything else about a child starts from it."""

from datetime import date
from typing import Self

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When

from children.enums import MAIN_SCHOOL, AlertState, ClockState, FileState, GrantKind, RelationKind
from virtualschool.accounts.models import Membership, User
from virtualschool.accounts.roles import Act, Reach
from virtualschool.kernel import periods
from virtualschool.kernel.dates import now, today
from virtualschool.rulebook import schoolyear

# What the checks are called that watch the matters of a team which reaches children by grants alone.
CHECKS_OF_GRANT = {GrantKind.SEN: "sen.", GrantKind.ADMISSION: "admissions."}


class ChildQuerySet(QuerySet):
    def _rows(self, relation: str) -> QuerySet:
        return self.model._meta.get_field(relation).related_model._base_manager.all()

    def on_roll(self, on: date | None = None):
        """In care on the day, short breaks included, sealed records never."""
        care = self._rows("periods_of_care").filter(periods.on(on or today()), child=OuterRef("pk"))
        return self.filter(Exists(care), sealed=False)

    def counted(self, on: date | None = None):
        """On the roll and counted in figures: not in a series of short breaks (Care Planning Regulations 2010, reg 48)."""
        care = self._rows("periods_of_care").filter(periods.on(on or today()), child=OuterRef("pk"), short_breaks=False)
        return self.filter(Exists(care), sealed=False)

    def without_a_school(self, on: date | None = None):
        """Counted, of school age (Reception to the last day of compulsory school age) and on no school's roll on the day."""
        places = self._rows("enrolments").filter(periods.on(on or today()), child=OuterRef("pk"))
        of_age = self.counted(on).filter(date_of_birth__range=schoolyear.births_of_school_age(on or today()))
        return of_age.filter(~Exists(places))

    def enrolled_at(self, schools: QuerySet, on: date | None = None):
        """On the roll of any of ``schools`` on the day."""
        places = self._rows("enrolments").filter(periods.on(on or today()), child=OuterRef("pk"), school__in=schools)
        return self.filter(Exists(places))

    def related_to(self, users, kind: str, on: date | None = None):
        """With one of ``users`` as the given kind of worker on the day."""
        return self.filter(self._tied(users, kind, on))

    def _tied(self, users, kind: str, on: date | None = None) -> Exists:
        ties = self._rows("relationships").filter(
            periods.on(on or today()), child=OuterRef("pk"), kind=kind, user__in=users
        )
        return Exists(ties)

    def in_years(self, *years: int, on: date | None = None):
        """In one of the national curriculum years by age on the day."""
        spans = Q()
        for year in years:
            first, last = schoolyear.births_of_year(year, on or today())
            spans |= Q(date_of_birth__range=(first, last))
        return self.filter(spans) if years else self.none()

    def in_phases(self, phases: list[str], on: date | None = None):
        """In one of the phases (E, P, S, 16) by age on the day."""
        spans = Q(pk__in=[])
        for phase in phases:
            first, last = schoolyear.births_of_phase(phase, on or today())
            spans |= Q(date_of_birth__range=(first, last))
        return self.filter(spans)

    def granted_to(self, user):
        """With an open grant to the user, to whom they cover for (a broken glass is nobody else's), or to the user's role.

        A grant for one section of a PEP opens that section (``handed_to``) and nothing else of the child.
        """
        return self.filter(self._granted(user))

    def _granted(self, user) -> Exists:
        return Exists(_held_by(self._rows("access_grants"), user).filter(child=OuterRef("pk")))

    def handed_to(self, user):
        """On the roll of a school where the person has a place today, with an open grant for a part of the child's plan.

        The narrowest door: a page behind it shows that part, and nobody's cover goes through it.
        """
        if not user.is_active or user.role_class.reach is not Reach.SCHOOL:
            return self.none()
        grants = self._rows("access_grants").filter(
            Q(closes_at__isnull=True) | Q(closes_at__gt=now()),
            child=OuterRef("pk"),
            user=user,
            kind=GrantKind.DELEGATION,
        )
        places = Membership.objects.current().filter(user=user)
        schools = self._rows("enrolments").filter(
            periods.on(today()), child=OuterRef("pk"), school__organisation__in=places.values("organisation")
        )
        return self.on_roll().filter(Exists(grants), Exists(schools))

    def visible_to(self, user: User) -> Self:
        """The children this person may know of now: role, cut to dated relationships. Nobody reaches a sealed record."""
        if not user.is_active or user.role_class.reach is Reach.NOBODY:
            return self.none()
        tied = _TIED.get(user.role_class.reach)
        if tied:
            return self.on_roll().filter(tied(self, user) | self._granted(user))
        return _REACH[user.role_class.reach](self.on_roll(), user)

    def off_roll_for(self, user):
        """The narrow second door: children known from before who are not on the roll now, for those who keep it.

        A page behind it shows who a child is and nothing else, so that somebody who comes back is not made twice and a leaver
        entered by mistake can be put back. Sealed records are not behind it.
        """
        if not (user.is_active and user.may(Act.KEEP_ROLL)):
            return self.none()
        care = self._rows("periods_of_care").filter(periods.on(today()), child=OuterRef("pk"))
        return self.filter(~Exists(care), sealed=False)

    def left_since(self, day: date):
        """Whose last period of care ended on the day or later, each with ``left_on`` and ``left_because`` (the return's REC)."""
        last = self._rows("periods_of_care").filter(child=OuterRef("pk")).order_by("-start")
        dated = self.annotate(
            left_on=Subquery(last.values("end")[:1]), left_because=Subquery(last.values("end_reason")[:1])
        )
        return dated.filter(left_on__gte=day)

    def proposed_for(self, user, *, reasons, since: date):
        """Recent leavers whose families may ask for advice, for those who give it: who they are, nothing of their record."""
        if not (user.is_active and user.may(Act.ADVISE_PREVIOUSLY_IN_CARE)):
            return self.none()
        care = self._rows("periods_of_care").filter(periods.on(today()), child=OuterRef("pk"))
        left = self.filter(~Exists(care), sealed=False, died_on__isnull=True, previously_in_care__isnull=True)
        return left.left_since(since).filter(left_because__in=reasons)

    def matching(self, *, upn: str = "", child_id: str = "", last_name: str = "", date_of_birth: date | None = None):
        """Those who could be the child described: the same number, or the same last name and date of birth."""
        same = Q(pk__in=[])
        if upn:
            same |= Q(upn__iexact=upn) | Q(former_upn__iexact=upn)
        if child_id:
            same |= Q(child_id__iexact=child_id)
        if last_name and date_of_birth:
            same |= Q(last_name__iexact=last_name, date_of_birth=date_of_birth)
        return self.filter(same)

    def in_own_reach(self, user: "User") -> Self:
        """Those that the person's role reaches of itself: open grants let somebody read of a child, not write in its plan."""
        if not user.is_active or user.role_class.reach in (Reach.NOBODY, Reach.GRANT):
            return self.none()
        tied = _TIED.get(user.role_class.reach)
        if tied:
            return self.on_roll().filter(tied(self, user))
        return _REACH[user.role_class.reach](self.on_roll(), user)

    def named_like(self, text: str):
        """Children whose name, council id or UPN holds ``text``; every word must match."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(last_name__icontains=word)
                | Q(first_names__icontains=word)
                | Q(known_as__icontains=word)
                | Q(child_id__iexact=word)
                | Q(upn__iexact=word)
            )
        return found if text.split() else self.none()


def _held_by(grants: QuerySet, user) -> QuerySet:
    """Those of ``grants`` that let the person reach a child now: their own, those of whom they cover for, and their role's."""
    covered_for = Q(user__in=user_and_covered(user)) & ~Q(kind=GrantKind.BREAK_GLASS)
    return grants.filter(
        Q(user=user) | covered_for | Q(user__isnull=True, role=user.role),
        ~Q(kind=GrantKind.DELEGATION),
        Q(closes_at__isnull=True) | Q(closes_at__gt=now()),
        opened_at__lte=now(),
    )


def user_and_covered(user) -> QuerySet:
    """The person, and those of the same role whom they cover for today, as a sub-query: reach is the role's, so it is never lent."""
    covered = periods.on(today(), prefix="covers__") & Q(covers__covered_by=user, role=user.role)
    return User._base_manager.filter(Q(pk=user.pk) | covered).values("pk")


def _allocated(children, user) -> Exists:
    return children._tied(user_and_covered(user), RelationKind.SOCIAL_WORKER)


def _of_team(children, user) -> Exists:
    members = user_and_covered(user)
    ties = children._rows("relationships").filter(
        periods.on(today()),
        periods.on(today(), prefix="team__memberships__"),
        child=OuterRef("pk"),
        kind=RelationKind.TEAM,
        team__memberships__user__in=members,
    )
    return Exists(ties)


def _reviewed(children, user) -> Exists:
    return children._tied(user_and_covered(user), RelationKind.IRO)


def _at_school(children, user) -> Exists:
    places = children._rows("enrolments").filter(
        periods.on(today()),
        periods.on(today(), prefix="school__organisation__memberships__"),
        child=OuterRef("pk"),
        school__organisation__memberships__user__in=user_and_covered(user),
        school__organisation__memberships__position__in=Membership.REACHING,
    )
    return Exists(places)


_REACH = {
    Reach.ROLL: lambda children, user: children,
    Reach.ROLL_IN_PHASE: lambda children, user: children.in_phases(user.phases),
    Reach.GRANT: lambda children, user: children.granted_to(user),
}
# Of these roles one reaches a child by a dated tie, or by a grant.
_TIED = {
    Reach.TEAM: _of_team,
    Reach.SCHOOL: _at_school,
    Reach.ALLOCATED: _allocated,
    Reach.REVIEWED: _reviewed,
}


class OfChildQuerySet(QuerySet):
    """Rows that belong to a child: seen by whoever may know of the child."""

    def visible_to(self, user):
        children = self.model._meta.get_field("child").related_model.objects
        return self.filter(child__in=children.visible_to(user))

    def current(self, on: date | None = None):
        """Rows whose period holds on the day."""
        return self.filter(periods.on(on or today()))

    def _grants_for(self, user):
        """The open grants by which the person reaches the child of the row; the caller names the matter or the kind."""
        children = self.model._meta.get_field("child").related_model.objects.all()
        return _held_by(children._rows("access_grants"), user).filter(child=OuterRef("child"))


class RelationshipQuerySet(OfChildQuerySet):
    def of_kind(self, *kinds: str):
        return self.filter(kind__in=kinds)


class EnrolmentQuerySet(OfChildQuerySet):
    def main(self):
        """Without second schools and guest places."""
        return self.filter(kind__in=MAIN_SCHOOL)


class NoteQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Notes are narrative; a role that does not read narrative sees none, not even its own from another role."""
        return super().visible_to(user) if user.reads("narrative") else self.none()


class ChildFileQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Files of the kinds of information the role reads, not removed ones."""
        groups = [group.value for group in user.role_class.reads]
        return super().visible_to(user).filter(field_group__in=groups, removed_at__isnull=True)

    def clean(self):
        return self.filter(state=FileState.CLEAN)


class GroupedQuerySet(OfChildQuerySet):
    """Rows that each tell one kind of information: seen by whoever reaches the child and reads that kind.

    Whoever reaches the child by a grant alone sees what belongs to the matter that it is for, and nothing of another team's.
    """

    def visible_to(self, user):
        groups = [group.value for group in user.role_class.reads]
        found = super().visible_to(user).filter(field_group__in=groups)
        return found.filter(self._of_matter_of(user)) if user.role_class.reach is Reach.GRANT else found


class AlertQuerySet(GroupedQuerySet):
    def _of_matter_of(self, user):
        """An alert names no matter; what its check is called says whose it is."""
        mine = Q(pk__in=[])
        for kind, prefix in CHECKS_OF_GRANT.items():
            mine |= Q(Exists(self._grants_for(user).filter(kind=kind)), check_name__startswith=prefix)
        return mine

    def open(self):
        return self.filter(state=AlertState.OPEN)

    def open_on(self, on: date):
        """Those that were open at the end of the day."""
        return self.filter(Q(resolved_on__isnull=True) | Q(resolved_on__gt=on), opened_on__lte=on)

    def unanswered(self):
        return self.filter(answer="")


class ClockQuerySet(GroupedQuerySet):
    def _of_matter_of(self, user):
        return Exists(self._grants_for(user).filter(matter=OuterRef("matter")))

    def running(self):
        return self.filter(state=ClockState.RUNNING)

    def overdue(self, on: date | None = None):
        """What is due on a day is overdue from the day after."""
        return self.running().filter(due_on__lt=on or today())


class SchoolQuerySet(QuerySet):
    def visible_to(self, user):
        """A designated teacher knows their own schools; whoever else signs in may look any school up, the data protection officer apart."""
        if not user.is_active or user.role_class.reach is Reach.NOBODY:
            return self.none()
        if user.role_class.reach is Reach.SCHOOL:
            memberships = Membership.objects.current().filter(
                user__in=user_and_covered(user), position__in=Membership.REACHING
            )
            return self.filter(organisation__in=memberships.values("organisation"))
        return self

    def open(self):
        return self.filter(status__in=["1", "3"])

    def found_by(self, text: str):
        """By URN, or by words that each stand in the name, the town or the postcode; open schools first."""
        words = text.split()
        found = self if words else self.none()
        for word in words:
            found = found.filter(
                Q(urn=word) | Q(name__icontains=word) | Q(town__icontains=word) | Q(postcode__icontains=word)
            )
        return found.order_by(Case(When(status__in=["1", "3"], then=0), default=1), "name", "urn")


class OfSchoolQuerySet(QuerySet):
    """Rows that belong to a school: seen by whoever may know of the school."""

    def visible_to(self, user):
        schools = self.model._meta.get_field("school").related_model.objects
        return self.filter(school__in=schools.visible_to(user))


class PreviouslyInCareQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.ADVISE_PREVIOUSLY_IN_CARE) else self.none()


class EnquiryQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.ADVISE_PREVIOUSLY_IN_CARE) else self.none()


class HostedChildQuerySet(QuerySet):
    def visible_to(self, user):
        """The light register is the Virtual School's own; nobody else's work needs it."""
        return self if user.may(Act.KEEP_ROLL) or user.may(Act.ADVISE_PREVIOUSLY_IN_CARE) else self.none()


class ImportRunQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.IMPORT) else self.none()
