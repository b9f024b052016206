from children.querysets import OfChildQuerySet
from referrals import workflow
from virtualschool.accounts.roles import Act


class RiskReportQuerySet(OfChildQuerySet):
    def visible_to(self, user):
        """Those who report or answer risk; an Independent Reviewing Officer reads it too, of the children they review."""
        reads = user.may(Act.REPORT_RISK) or user.may(Act.ANSWER_RISK) or user.may(Act.RECORD_CONCERN)
        return super().visible_to(user) if reads else self.none()

    def open(self):
        return self.filter(state__in=workflow.OPEN)
