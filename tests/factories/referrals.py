from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from referrals import sen_workflow
from referrals.enums import AtRisk, HowSoon, NoticeState, RiskState, SenEvent, SenKind
from referrals.models import RiskAddition, RiskReport, SenMatter, SenStep
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, ago
from virtualschool.kernel.dates import now


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


class SenMatterFactory(DjangoModelFactory):
    """Opened a day ago, as its row stands: no clock, no grant and no mail, which the action makes."""

    class Meta:
        model = SenMatter

    class Params:
        closed = factory.Trait(state=NoticeState.CLOSED, closed_on=ago(0))

    child = factory.SubFactory(ChildFactory, in_care=True)
    kind = SenKind.REVIEW
    state = factory.LazyAttribute(lambda one: sen_workflow.FIRST[one.kind])
    about = factory.LazyAttribute(lambda one: f"referrals.SchoolMove:{uuid4()}" if one.kind == SenKind.MOVE else "")
    reason = "The plan is reviewed"
    started_on = ago(1)
    opened_by = factory.SubFactory(UserFactory, role="coordinator")


class SenStepFactory(DjangoModelFactory):
    class Meta:
        model = SenStep

    matter = factory.SubFactory(SenMatterFactory)
    event = SenEvent.OPENED
    on = ago(1)
    words = "The plan is reviewed"
    by = factory.SelfAttribute("matter.opened_by")
    at = factory.LazyFunction(now)
