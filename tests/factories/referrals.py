import factory
from factory.django import DjangoModelFactory

from referrals.enums import AtRisk, HowSoon, RiskState
from referrals.models import RiskAddition, RiskReport
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, ago


class RiskReportFactory(DjangoModelFactory):
    """Reported a day ago, as its row stands: no clock and no alert, which the action makes."""

    class Meta:
        model = RiskReport

    class Params:
        with_plan = factory.Trait(
            state=RiskState.PLAN_MADE,
            plan="Meet the carer",
            planned_by=factory.SelfAttribute("reported_by"),
            planned_on=ago(0),
        )
        closed = factory.Trait(
            state=RiskState.CLOSED, outcome="held", closed_by=factory.SelfAttribute("reported_by"), closed_on=ago(0)
        )

    child = factory.SubFactory(ChildFactory, in_care=True)
    at_risk = AtRisk.CARE_PLACEMENT
    why = "The carer has given notice"
    how_soon = HowSoon.WEEK
    reported_by = factory.SubFactory(UserFactory, role="socialworker")
    reported_on = ago(1)


class RiskAdditionFactory(DjangoModelFactory):
    class Meta:
        model = RiskAddition

    report = factory.SubFactory(RiskReportFactory)
    by = factory.SelfAttribute("report.reported_by")
    words = "The notice was brought forward"
    how_soon = HowSoon.TODAY
