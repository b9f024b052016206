from django.db.models import Q, QuerySet

from children.models import School
from children.querysets import OfChildQuerySet
from referrals import workflow
from referrals.enums import Consultee
from virtualschool.accounts.roles import Act, FieldGroup, Reach
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today


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
        return self if user.may(Act.CHANGE_RULES) else self.none()

    def current(self, on=None):
        return self.filter(periods.on(on or today()))
