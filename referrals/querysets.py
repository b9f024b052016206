from typing import Any

from django.db.models import QuerySet

from children.models import School
from children.querysets import OfChildQuerySet
from referrals import workflow
from virtualschool.accounts.roles import Act, FieldGroup


class RiskReportQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who report or answer risk and read narrative, which every report is; others learn of one by its alert."""
        reads = (user.may(Act.REPORT_RISK) or user.may(Act.ANSWER_RISK)) and user.reads(FieldGroup.NARRATIVE)
        return super().visible_to(user) if reads else self.none()

    def open(self):
        return self.filter(state__in=workflow.OPEN)


class ChildCourseQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Whoever reaches the child and reads its education."""
        return super().visible_to(user) if user.reads(FieldGroup.EDUCATION) else self.none()

    def taken(self):
        return self.filter(ended_on__isnull=True)


class OfSchoolQuerySet(QuerySet[Any]):
    def visible_to(self, user):
        """Whoever knows of the school."""
        return self.filter(school__in=School.objects.visible_to(user))

    def taught(self):
        return self.filter(ended_on__isnull=True)
