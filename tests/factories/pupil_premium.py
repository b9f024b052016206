"""The books: a year's grant, and lines that an approved PEP agreed."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from children.models import Child, School
from peps.models import Pep, PepCost, PepReview, PepTarget
from pupil_premium import books
from pupil_premium.enums import AccountKind, ReleaseState
from pupil_premium.models import GrantYear, Release
from pupil_premium.money import financial_year
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import now, today


def approved_pep(
    *, child: Child, school: School | None, approved_by: User, on: date | None = None, grade: str = "green", **fields
) -> Pep:
    """A PEP that was approved, as its row stands; a further one of a child needs an ``occasion`` of its own."""
    on = on or today()
    facts = {
        "kind": "review",
        "occasion": "term:2026:autumn",
        "phase": "P",
        "academic_year": 2026,
        "term": "autumn",
        "state": "complete",
        "period": child.periods_of_care.get(),
        "layout": "2026_09",
        "opened_on": on,
        "opened_why": "A PEP each term",
        "due_on": on,
        "submission": 1,
        "completed_on": on,
        "grade": grade,
        **fields,
    }
    pep = Pep.objects.create(child=child, school=school, **facts)
    if pep.state == "complete":
        PepReview.objects.create(
            pep=pep, submission=1, decision="approved", grade=grade, reason="Clear", by=approved_by, at=now()
        )
    return pep


def agreed_cost(pep: Pep, *, by: User, pence: int = 5000, weeks: int = 2, **fields) -> PepCost:
    """A costed line of the PEP: one session a week, ``weeks`` weeks, ``pence`` each."""
    target = PepTarget.objects.create(pep=pep, area="maths", start_point="Year 4", goal="Knows the times tables")
    facts = {
        "item": "Maths tutor",
        "weeks": weeks,
        "price_pence": pence,
        "asked_by": by,
        "agreed": True,
        "agreed_by": by,
    }
    return PepCost.objects.create(target=target, **{**facts, **fields})


class GrantYearFactory(DjangoModelFactory):
    """This financial year. ``pence`` enters a grant of so much."""

    class Meta:
        model = GrantYear
        skip_postgeneration_save = True

    year = factory.LazyFunction(lambda: financial_year(today()))

    @factory.post_generation
    def pence(self, create, pence, **kwargs):
        if create and pence:
            amounts = {AccountKind.GRANT: -pence, AccountKind.RESERVE: pence}
            books.post(key=f"grant:{self.year}:1", year=self, on=today(), words="Grant", amounts=amounts, by=None)


class ReleaseFactory(DjangoModelFactory):
    """A line ready for release: £100, agreed and approved by one advocate, for a child at a school."""

    class Meta:
        model = Release

    class Params:
        advocate = factory.SubFactory(UserFactory)

    child = factory.SubFactory(ChildFactory, in_care=True)
    school = factory.SubFactory(SchoolFactory)
    pep = factory.LazyAttribute(
        lambda made: approved_pep(child=made.child, school=made.school, approved_by=made.advocate)
    )
    cost = factory.LazyAttribute(lambda made: agreed_cost(made.pep, by=made.advocate))
    amount_pence = factory.LazyAttribute(lambda made: made.cost.total_pence)
    agreed_by = factory.SelfAttribute("advocate")
    releasable_on = factory.LazyFunction(today)
    state = ReleaseState.RELEASABLE
