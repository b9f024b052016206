"""People, the bodies they belong to, and who stands in for whom."""

from datetime import timedelta

import factory
from factory.django import DjangoModelFactory

from virtualschool.accounts.models import Cover, Membership, Organisation, User
from virtualschool.kernel.dates import today


class UserFactory(DjangoModelFactory):
    """An advocate unless ``role`` says otherwise. Nobody has a password: tests sign people in with ``client.force_login``."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        deactivated = factory.Trait(is_active=False)
        administrator = factory.Trait(is_administrator=True)

    role = "ala"
    email = factory.Sequence(lambda n: f"person{n}@council.example")
    name = factory.Sequence(lambda n: f"Person Number{n}")
    password = "!"


class OrganisationFactory(DjangoModelFactory):
    """A social work team unless a trait says otherwise."""

    class Meta:
        model = Organisation

    class Params:
        of_school = factory.Trait(
            kind=Organisation.Kind.SCHOOL,
            name=factory.Sequence(lambda n: f"Sample School {n}"),
            code=factory.Sequence(lambda n: str(100000 + n)),
        )
        of_virtual_school = factory.Trait(kind=Organisation.Kind.VIRTUAL_SCHOOL, name="Virtual School", code="")
        of_service = factory.Trait(kind=Organisation.Kind.SERVICE, name=factory.Sequence(lambda n: f"Service {n}"))

    kind = Organisation.Kind.TEAM
    name = factory.Sequence(lambda n: f"Team {n}")
    code = factory.Sequence(lambda n: f"T{n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    class Params:
        managing = factory.Trait(position=Membership.Position.MANAGER)
        designated = factory.Trait(position=Membership.Position.DESIGNATED_TEACHER)
        deputy = factory.Trait(position=Membership.Position.DEPUTY)

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    start = factory.LazyFunction(lambda: today() - timedelta(days=365))


class CoverFactory(DjangoModelFactory):
    """For a fortnight around today."""

    class Meta:
        model = Cover

    user = factory.SubFactory(UserFactory)
    covered_by = factory.SubFactory(UserFactory, role=factory.SelfAttribute("..user.role"))
    start = factory.LazyFunction(lambda: today() - timedelta(days=7))
    end = factory.LazyFunction(lambda: today() + timedelta(days=7))
    reason = "Annual leave"
    created_by = factory.SelfAttribute("covered_by")
