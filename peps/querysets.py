"""Which PEPs somebody may know of: those of the children they reach, when their role reads PEPs."""

from collections.abc import Collection
from datetime import date
from typing import Any, Self

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from children.enums import RelationKind
from children.models import Child, School
from children.querysets import OfChildQuerySet, user_and_covered
from peps import workflow
from peps.enums import MeetingState, PepState, Response, SectionState
from peps.people import WRITERS
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import Act, Reach
from virtualschool.kernel.dates import today


def owed(*, sections: str = "", pep: str = "pep__") -> Q:
    """Sections that somebody may still write and has not finished: in a PEP open to writing, and of one that came back those returned.

    Args:
        sections: the way from the rows asked to their sections; pep: the way to the PEP.
    """
    finished = Q(**{f"{sections}state": SectionState.COMPLETE}) | Q(**{f"{sections}other_form": True})
    closed = Q(**{f"{pep}state": PepState.RETURNED, f"{sections}returned_why": ""})
    return Q(**{f"{pep}state__in": workflow.WRITABLE}) & ~finished & ~closed


class PepQuerySet(OfChildQuerySet):
    def visible_to(self, user: User) -> Self:
        return super().visible_to(user) if user.reads("pep") else self.none()

    def open(self) -> Self:
        return self.filter(state__in=workflow.OPEN)

    def standing(self) -> Self:
        """Not cancelled: being written, complete or history."""
        return self.exclude(state=PepState.CANCELLED)

    def complete_once(self) -> Self:
        """Those that were completed: what was agreed stands, also while one is open to be changed and when a later one took its place."""
        return self.standing().filter(completed_on__isnull=False)

    def open_first(self, *order: str) -> Self:
        """Open ones before those that are complete, superseded or cancelled; within each by ``order``."""
        return self.order_by(Case(When(state__in=workflow.OPEN, then=0), default=1), *order)

    def in_term(self, academic_year: int, term: str) -> Self:
        return self.filter(academic_year=academic_year, term=term)

    def overdue(self, on: date | None = None) -> Self:
        """Open, with its next step late: what is due on a day is overdue from the day after."""
        return self.open().filter(due_on__lt=on or today())

    def to_grade(self) -> Self:
        """Sent in and waiting for the Virtual School's answer."""
        return self.filter(state__in=workflow.WITH_VIRTUAL_SCHOOL)

    def written_by(self, user: User) -> Self:
        """Those of which the person wrote any, or to whose meeting they were asked as one who writes it."""
        return self.filter(self.wrote(user))

    def gradable_by(self, user: User) -> Self:
        """Those that ``policies.can_grade`` lets the person answer, whatever their state."""
        if not user.may(Act.GRADE_PEPS):
            return self.none()
        return self.filter(child__in=Child.objects.in_own_reach(user)).exclude(self.wrote(user))

    def wrote(self, user: User | OuterRef) -> Q:
        """Whether the person, or whoever a column of the rows names, is among the PEP's authors."""
        authors = _rows(self, "authors").filter(pep=OuterRef("pk"), user=user)
        asked = _rows(self, "meetings").filter(
            pep=OuterRef("pk"), invitations__user=user, invitations__seat__in=WRITERS
        )
        return Q(Exists(authors) | Exists(asked))


class ConcernQuerySet(OfChildQuerySet):
    """What reviewing officers raised: read by whoever reads the child's PEPs."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user) if user.reads("pep") else self.none()

    def open(self) -> Self:
        return self.filter(state__in=workflow.CONCERN_OPEN)

    def about(self, pep: Any) -> Self:
        """What was raised about the PEP, and whatever else of its child's is open."""
        return self.filter(Q(pep=pep) | Q(child=pep.child_id, state__in=workflow.CONCERN_OPEN))

    def to_answer(self, user: User) -> Self:
        """Those that wait for the person: an advocate's own children; a head's own, those without an advocate, and late ones."""
        if not user.may(Act.ANSWER_SIGNALS):
            return self.none()
        mine = Q(child__in=Child.objects.related_to(user_and_covered(user), RelationKind.ADVOCATE))
        if user.may(Act.OVERRIDE):
            anybodys = Child.objects.related_to(User.objects.filter(is_active=True), RelationKind.ADVOCATE)
            mine |= Q(state=workflow.C.ESCALATED) | ~Q(child__in=anybodys)
        return self.filter(mine, state__in=workflow.CONCERN_WAITING)


class OfPepQuerySet(QuerySet):
    """Rows that belong to a PEP: seen by whoever sees the PEP."""

    def visible_to(self, user: User) -> Self:
        return self.filter(pep__in=_related(self, "pep").visible_to(user))


class SecondMarkQuerySet(OfPepQuerySet):
    """Second markings: known to those who grade PEPs, and to nobody else."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user) if user.may(Act.GRADE_PEPS) else self.none()

    def waiting(self) -> Self:
        return self.filter(by__isnull=True)

    def marked(self) -> Self:
        return self.filter(by__isnull=False)

    def offered_to(self, user: User) -> Self:
        """Those that wait and that the person may mark: neither wrote in the PEP nor marked it first."""
        return self.waiting().filter(pep__in=_related(self, "pep").gradable_by(user)).exclude(review__by=user)

    def blind_to(self, user: User) -> Self:
        """Those that wait and that the person may mark, or has begun to: of their PEPs they are shown no grade."""
        begun = Q(
            pep__grading_drafts__by=user,
            pep__grading_drafts__kind="second",
            pep__grading_drafts__submission=F("review__submission"),
        )
        return self.waiting().filter(Q(pk__in=self.model.objects.offered_to(user).values("pk")) | begun)

    def listed_for(self, user: User) -> Self:
        """Those that wait for the person, and all that are marked, of the children they reach."""
        return self.visible_to(user).filter(Q(by__isnull=False) | Q(pk__in=self.offered_to(user).values("pk")))


class SectionQuerySet(OfPepQuerySet):
    def visible_to(self, user: User) -> Self:
        """Seen by whoever sees the PEP, and one section alone by the colleague who was asked to write it."""
        seen = _related(self, "pep").visible_to(user)
        if user.role_class.reach is not Reach.SCHOOL:
            return self.filter(pep__in=seen)
        return self.filter(Q(pep__in=seen) | Q(pk__in=self.model.objects.asked_of(user).values("pk")))

    def asked_of(self, user: User) -> Self:
        """Those that were given to the person by name, and are now, in a child's plan that they were let in for."""
        if not user.reads("pep"):
            return self.none()
        given = _rows(self, "delegations").filter(section=OuterRef("pk"), colleague=user, until__isnull=True)
        handed = Child.objects.handed_to(user).filter(pk=OuterRef("pep__child"))
        return self.filter(Exists(given), Exists(handed))


class OfVoiceQuerySet(OfPepQuerySet):
    def visible_to(self, user: User) -> Self:
        """What somebody said by themselves: for roles that read the child's voice."""
        return super().visible_to(user) if user.reads("voice") else self.none()


class OfTargetQuerySet(QuerySet):
    def visible_to(self, user: User) -> Self:
        """Costed lines are money: a role that does not read money sees none, a designated teacher those of their own school."""
        if not user.reads("money"):
            return self.none()
        seen = self.filter(target__in=_related(self, "target").visible_to(user))
        if user.role_class.reach is Reach.SCHOOL:
            return seen.filter(target__pep__school__in=School.objects.visible_to(user))
        return seen


class OfMeetingQuerySet(QuerySet):
    def visible_to(self, user: User) -> Self:
        return self.filter(meeting__in=_related(self, "meeting").visible_to(user))

    def unanswered(self) -> Self:
        """Those that wait for the answer of somebody with an account, to a meeting that is still planned."""
        return self.filter(user__isnull=False, response=Response.WAITING, meeting__state=MeetingState.PLANNED)


def _related(rows: QuerySet, field: str) -> Any:
    return rows.model._meta.get_field(field).related_model.objects


def _rows(rows: QuerySet, relation: str) -> Any:
    return rows.model._meta.get_field(relation).related_model._base_manager.all()


class PepFileQuerySet(OfPepQuerySet):
    def visible_to(self, user: User) -> Self:
        """Of the PEPs that the person sees, the files of the kinds of information that their role reads, not removed ones."""
        return super().visible_to(user).filter(file__in=_related(self, "file").visible_to(user))

    def readable(self, groups: Collection[str]) -> Self:
        """Those of these kinds of information that were not removed, of PEPs that came through a door."""
        return self.filter(file__removed_at__isnull=True, file__field_group__in=[str(group) for group in groups])
