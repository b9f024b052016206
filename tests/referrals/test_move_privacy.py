"""What each role reads of a school move: its reasons are narrative, and the name of a carer or a parent belongs to its own group."""

from datetime import timedelta

import pytest
from django.urls import reverse

from children.models import School
from referrals.enums import MoveState
from referrals.models import MoveException, SchoolMove
from tests import personas
from tests.factories.moves import ConsultationFactory, MoveDecisionFactory, ProposedSchoolFactory, SchoolMoveFactory
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

WORDS = ("Zqdecided", "Zqended", "Zqkept", "Zqbecause", "Zqexcepted", "Zqirosname")
CARER, PARENT = "Mrs Zqfoster Carername", "Mr Zqbirth Parentname"


@pytest.fixture
def people():
    return personas.cast()


@pytest.fixture
def move(people):
    """Refused and closed, with an exception of the head, as its rows stand."""
    move = SchoolMoveFactory(
        child=people.amy,
        from_place=people.amy.enrolments.get(),
        keep_possible=False,
        keep_payer="carer",
        keep_words="Zqkept",
        state=MoveState.WITHDRAWN,
        ended_on=today(),
        ended_words="Zqended",
    )
    school: School = people.other_school
    ProposedSchoolFactory(move=move, school=school, why="Zqbecause")
    MoveDecisionFactory(move=move, approved=False, words="Zqdecided")
    MoveException.objects.create(
        move=move, stop="line", school=school, reason="Zqexcepted", by=people.vsh, on=today() - timedelta(days=1)
    )
    for who, name in (("carer", CARER), ("parents", PARENT), ("iro", "Zqirosname")):
        ConsultationFactory(move=move, consultee=who, answered=True, who=name, answered_by__name="Zqwriter")
    return move


@pytest.mark.parametrize("role", ["vsh", "ala", "socialworker", "manager", "iro", "coordinator", "data"])
def test_reasons_and_names_are_read_by_whom_they_belong_to(client, people, move, role):
    user = people[role]
    client.force_login(user)
    page = client.get(move.get_absolute_url()).content.decode()
    narrative = user.reads(FieldGroup.NARRATIVE)
    assert {word: word in page for word in WORDS} == dict.fromkeys(WORDS, narrative)
    assert (CARER in page, PARENT in page, "Zqwriter" in page) == (False, False, True)
    assert (people.vsh.name in page, "It holds for this case alone" in page) == (True, True)
    for view in move.consultations.all():
        own = client.get(view.get_absolute_url()).content.decode()
        group = {"carer": FieldGroup.CARER, "parents": FieldGroup.BIRTH_FAMILY}.get(view.consultee)
        assert (view.who in own) == user.reads(group or FieldGroup.NARRATIVE), view.consultee
        logged = AccessLog.objects.latest("pk").fields
        assert (group in logged) == bool(group and user.reads(group)) if group else True


def test_whoever_decides_sees_the_exceptions(client, people, move):
    SchoolMove.objects.filter(pk=move.pk).update(state=MoveState.PROPOSED, proposed_by=people.socialworker)
    client.force_login(people.vsh)
    assert "Zqexcepted" in client.get(reverse("moves:decide", args=[move.uuid])).content.decode()
