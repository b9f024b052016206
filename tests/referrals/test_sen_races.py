"""Two people at once: a move is told once, and a matter is opened once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from referrals.actions.sen import Opening, open_matter, tell_of_move
from referrals.models import SenMatter
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SenRecordFactory, ago
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db(transaction=True)


def both(work: Callable[[Any], Any], first: Any, second: Any) -> list[Any]:
    """What the work answers to each, at the same time and on a connection of its own."""
    answers: list[Any] = []

    def run(user: Any) -> None:
        try:
            answers.append(work(user).pk)
        except ValidationError as refused:
            answers.append(refused.messages)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[user]) for user in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_two_people_at_once():
    vsh, ala = UserFactory(role="vsh"), UserFactory(role="ala")
    child = ChildFactory(in_care=True)
    SenRecordFactory(child=child, status="E", start=ago(300))
    told = both(
        lambda user: tell_of_move(child=child, matter="referrals.SchoolMove:1", reason="A move", by=user), vsh, ala
    )
    assert set(told) == {SenMatter.objects.get().pk}
    facts = Opening(reason="Due", started_on=today())
    opened = both(lambda user: open_matter(child=child, kind="review", facts=facts, by=user), vsh, ala)
    assert sorted(opened, key=str) == sorted(
        [SenMatter.objects.get(kind="review").pk, ["There is an open one already: add to it."]], key=str
    )
