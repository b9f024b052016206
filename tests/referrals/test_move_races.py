"""Two people at once on one school move: one decides, one opens, one is put on a roll, and the other is told."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from children.actions import schools
from children.models import Enrolment
from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.actions.moves import MoveFacts
from referrals.models import MoveDecision, SchoolMove
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory, born_for_year
from tests.factories.moves import ConsultationFactory, ProposedSchoolFactory, SchoolMoveFactory
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db(transaction=True)
START = timedelta(days=14)
ASKED = ("child", "parents", "carer", "social_worker", "teacher_now", "teacher_new", "iro", "admissions")


def at_once(*deeds: Callable[[], Any]) -> list[str]:
    """What each came to, done at the same time and on a connection of its own."""
    came: list[str] = []
    ready = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        try:
            ready.wait(30)
            deed()
            came.append("done")
        except (Conflict, Refused) as told:
            came.append(type(told).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(came)


def proposed() -> SchoolMove:
    """A Year 8 move on which everybody has said something."""
    child = ChildFactory(in_care=True, date_of_birth=born_for_year(8))
    place = EnrolmentFactory(child=child, school=SchoolFactory(high_age=18))
    move = SchoolMoveFactory(child=child, proposed=True, from_place=place, keep_possible=False, keep_payer="carer")
    ProposedSchoolFactory(move=move)
    for who in ASKED:
        ConsultationFactory(move=move, consultee=who, answered=True)
    return move


def test_one_of_two_decides():
    move, vsh, ala = proposed(), UserFactory(role="vsh"), UserFactory(role="ala")
    came = at_once(
        lambda: deciding.decide(move=move, approved=True, words="Yes", by=vsh),
        lambda: deciding.decide(move=move, approved=False, words="No", by=ala),
    )
    assert (came.count("done"), MoveDecision.objects.count()) == (1, 1)


def test_a_withdrawal_and_a_decision_do_not_both_hold():
    move, ala = proposed(), UserFactory(role="ala")
    came = at_once(
        lambda: deciding.decide(move=move, approved=True, words="Yes", by=ala),
        lambda: actions.revise(move=move, why="Not now", by=UserFactory(role="ala")),
    )
    state = SchoolMove.objects.get().state
    assert (state, came) in (("draft", ["done", "done"]), ("draft", ["Refused", "done"]))


def test_nobody_comes_on_the_roll_while_the_approval_is_taken_back():
    """Whichever comes first: a place stands only beside a case that says so."""
    move, ala, data = proposed(), UserFactory(role="ala"), UserFactory(role="data")
    deciding.decide(move=move, approved=True, words="Yes", by=ala)
    school = move.schools.get().school
    at_once(
        lambda: schools.enrol(child=move.child, school=school, start=today() + START, by=data),
        lambda: actions.revise(move=move, why="Not now", by=ala),
    )
    on_roll = Enrolment.objects.filter(child=move.child, school=school).exists()
    assert (on_roll, SchoolMove.objects.get().state) in (
        (False, "draft"),
        (True, "on_roll"),
        (True, "approved"),
    )


def test_two_open_one_case():
    child = ChildFactory(in_care=True, date_of_birth=born_for_year(8))
    facts = MoveFacts(destination="school", wanted_on=today() + START, reason="It cannot go on")
    came = at_once(
        *(
            lambda user=user: actions.open_move(child=child, facts=facts, by=user)
            for user in UserFactory.create_batch(2, role="ala")
        )
    )
    assert (came, SchoolMove.objects.count()) == (["Conflict", "done"], 1)
