"""Applications for school places."""

import factory
from factory.django import DjangoModelFactory

from referrals.enums import ApplicationEvent
from referrals.models import Application, ApplicationStep
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory, ago
from virtualschool.kernel.dates import now


class ApplicationFactory(DjangoModelFactory):
    """Sent a week ago, as its row stands: no clock and no grant, which the action makes."""

    class Meta:
        model = Application

    child = factory.SubFactory(ChildFactory, in_care=True)
    school = factory.SubFactory(SchoolFactory, type_group="Local authority maintained schools")
    facts = "Plays the cornet"
    applied_on = ago(7)
    applied_by = factory.SubFactory(UserFactory, role="coordinator")


class ApplicationStepFactory(DjangoModelFactory):
    class Meta:
        model = ApplicationStep

    application = factory.SubFactory(ApplicationFactory)
    event = ApplicationEvent.SENT
    on = ago(7)
    by = factory.SelfAttribute("application.applied_by")
    at = factory.LazyFunction(now)
