import factory
from factory.django import DjangoModelFactory

from referrals.enums import Destination, MoveState, MoveView
from referrals.models import Consultation, MoveDecision, NominatedOfficer, ProposedSchool, SchoolMove
from referrals.moving.gathering import leaving
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory, ago


class SchoolMoveFactory(DjangoModelFactory):
    """A draft of a change of school, opened yesterday, as its row stands."""

    class Meta:
        model = SchoolMove

    class Params:
        proposed = factory.Trait(
            state=MoveState.PROPOSED, proposed_by=factory.SelfAttribute("opened_by"), proposed_on=ago(0), since=ago(0)
        )
        approved = factory.Trait(
            state=MoveState.APPROVED,
            proposed_by=factory.SelfAttribute("opened_by"),
            proposed_on=ago(0),
            decided_by=factory.SubFactory(UserFactory, role="vsh"),
            decided_on=ago(0),
        )
        withdrawn = factory.Trait(state=MoveState.WITHDRAWN, ended_on=ago(0), ended_words="It was not needed")

    child = factory.SubFactory(ChildFactory, in_care=True)
    destination = Destination.SCHOOL
    wanted_on = ago(-14)
    reason = "The journey cannot be kept up"
    since = ago(1)
    opened_on = ago(1)
    opened_by = factory.SubFactory(UserFactory, role="socialworker")


class ProposedSchoolFactory(DjangoModelFactory):
    class Meta:
        model = ProposedSchool

    move = factory.SubFactory(SchoolMoveFactory)
    school = factory.SubFactory(SchoolFactory)
    order = factory.LazyAttribute(lambda one: one.move.schools.count() + 1)


class ConsultationFactory(DjangoModelFactory):
    """Asked, and not answered yet."""

    class Meta:
        model = Consultation

    class Params:
        answered = factory.Trait(
            view=MoveView.FOR,
            words="It is time",
            answered_on=ago(0),
            answered_by=factory.SubFactory(UserFactory, role="ala"),
        )

    move = factory.SubFactory(SchoolMoveFactory)
    consultee = "child"
    asked_on = ago(1)


class NominatedOfficerFactory(DjangoModelFactory):
    class Meta:
        model = NominatedOfficer

    user = factory.SubFactory(UserFactory, role="ala")
    start = ago(30)
    authority = "Letter of the Director of Children's Services"
    nominated_by = factory.SubFactory(UserFactory, role="vsh")


class MoveDecisionFactory(DjangoModelFactory):
    """The nominated officer's approval, with the four conditions."""

    class Meta:
        model = MoveDecision

    move = factory.SubFactory(SchoolMoveFactory)
    approved = True
    by = factory.SelfAttribute("nomination.user")
    on = ago(0)
    words = "It serves the child"
    nomination = factory.SubFactory(NominatedOfficerFactory)
    wishes = "She wants it"
    provision = "It fits the PEP"
    teacher = "Consulted"
    officer = "Consulted"
    covered = factory.LazyFunction(lambda: ["head", "nominated"])


def let_move(child, school, **fields):
    """A case that the nominated officer approved, for the child to move to the school: the roll lets them start there."""
    move = SchoolMoveFactory(child=child, approved=True, **fields)
    ProposedSchoolFactory(move=move, school=school)
    move.from_place = leaving(move)
    move.save(update_fields=["from_place"])
    MoveDecisionFactory(move=move)
    return move
