from django.db.models import Case, CharField, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from children.models import School
from children.querysets import OfChildQuerySet
from referrals import admissions_workflow, workflow
from referrals.enums import Consultee, HandoverState
from virtualschool.accounts.roles import Act, FieldGroup, Reach
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today


def named(rows):
    """The name of the outer row of ``rows``, for clocks and grants: ``app.Model:uuid``."""
    return Concat(Value(f"{rows.model._meta.label}:"), Cast(OuterRef("uuid"), CharField()))


class RiskReportQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who report or answer risk and read narrative, which every report is; others learn of one by its alert."""
        reads = (user.may(Act.REPORT_RISK) or user.may(Act.ANSWER_RISK)) and user.reads(FieldGroup.NARRATIVE)
        return super().visible_to(user) if reads else self.none()

    def open(self):
        return self.filter(state__in=workflow.OPEN)


MOVE_ACTS = (Act.PROPOSE_MOVES, Act.AGREE_MOVES, Act.DECIDE_MOVES, Act.KEEP_ROLL, Act.RECORD_CONCERN)


class SchoolMoveQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who propose, decide and carry out moves, and the reviewing officer. A teacher is asked on a page of their own."""
        return super().visible_to(user) if any(map(user.may, MOVE_ACTS)) else self.none()

    def open(self):
        return self.filter(state__in=workflow.MOVE_OPEN)


class ConsultationQuerySet(QuerySet):
    def visible_to(self, user):
        """With the case; and what a school is asked by whoever has a place there today while the child is on its roll."""
        cases = self.model._meta.get_field("move").related_model.objects
        found = Q(move__in=cases.visible_to(user))
        if user.role_class.reach is Reach.SCHOOL:
            found |= self._asked_of_school_of(user)
        return self.filter(found)

    def _asked_of_school_of(self, user):
        children = self.model._meta.get_field("move").related_model._meta.get_field("child").related_model.objects
        return Q(consultee=Consultee.TEACHER_NOW, move__child__in=children.visible_to(user)) & Q(
            move__from_place__school__in=School.objects.visible_to(user)
        )


class NominatedOfficerQuerySet(QuerySet):
    def visible_to(self, user):
        return self if user.may(Act.AGREE_MOVES) else self.none()

    def current(self, on=None):
        return self.filter(periods.on(on or today()))


class SenMatterQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who open matters of special educational needs, answer them, or work with the child and the plan.

        An admissions officer reaches the same child by a grant of their own and reads none of it; an SEN officer reads the matters
        that are open to them with the schools asked beside those, and no other of the same child.
        """
        if not (user.may(Act.READ_SEN) and user.reads(FieldGroup.EDUCATION)):
            return self.none()
        found = super().visible_to(user)
        return found.filter(self._granted_to(user)) if user.role_class.reach is Reach.GRANT else found

    def _granted_to(self, user):
        return Exists(self._grants_for(user).filter(Q(matter=named(self)) | Q(matter=OuterRef("about"))))

    def open(self):
        return self.filter(closed_on__isnull=True)

    def open_on(self, on):
        """Those that were open at the end of the day."""
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=on), started_on__lte=on)

    def with_due(self):
        """With ``due_on``: the soonest date that runs for it, or the day of a move between councils that stays to be done; and
        with ``due_clock``, the clock of that date.
        """
        clocks = self.model._meta.get_field("child").related_model._meta.get_field("clocks").related_model
        matter = named(self)
        running = clocks._base_manager.filter(matter=matter, state="running", due_on__isnull=False).order_by("due_on")
        on_the_day = Case(When(state=HandoverState.KNOWN, then=F("moves_on")), output_field=DateField())
        return self.annotate(
            due_on=Coalesce(Subquery(running.values("due_on")[:1]), on_the_day),
            due_clock=Subquery(running.values("uuid")[:1]),
        )


class ChildCourseQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Whoever reaches the child and reads its education."""
        return super().visible_to(user) if user.reads(FieldGroup.EDUCATION) else self.none()

    def taken(self):
        return self.filter(ended_on__isnull=True)


class OfSchoolQuerySet(QuerySet):
    def visible_to(self, user):
        """Whoever knows of the school."""
        return self.filter(school__in=School.objects.visible_to(user))

    def taught(self):
        return self.filter(ended_on__isnull=True)


APPLICATION_ACTS = (Act.APPLY_FOR_PLACES, Act.KEEP_ROLL, Act.RECORD_CONCERN)


class ApplicationQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who apply, keep the roll or review; an admissions officer the applications that are open to them, and no other."""
        if user.may(Act.ANSWER_ADMISSIONS):
            return super().visible_to(user).filter(self._granted_to(user))
        return super().visible_to(user) if any(map(user.may, APPLICATION_ACTS)) else self.none()

    def open(self):
        return self.filter(state__in=admissions_workflow.OPEN)

    def _granted_to(self, user):
        """By a grant for this very application; a grant for another of the same child opens nothing of it."""
        return Exists(self._grants_for(user).filter(matter=named(self)))
