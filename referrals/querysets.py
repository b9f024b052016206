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
