"""Two people at one PEP at one moment, each on a connection of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from peps.actions import opening, quality, submitting, writing
from peps.actions.chasing import chase
from peps.enums import PepKind
from peps.models import Pep, PepAnswer, PepChaser, PepReview, PepSection, PepSetAside, PepVersion
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.children import CareEpisodeFactory, ChildFactory, PeriodOfCareFactory
from tests.peps import stages
from virtualschool.jobs import outbox
from virtualschool.jobs.models import Event, Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db(transaction=True)


def beside(*works: Callable[[], Any]) -> list[Any]:
    """What each answers, or raises, when all start at once."""
    answers: list[Any] = [None] * len(works)
    start = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], Any]) -> None:
        start.wait(30)
        try:
            answers[place] = work()
        except (Conflict, Refused) as told:
            answers[place] = told
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_approving_twice_at_once_decides_once_and_releases_once():
    story = stages.submitted()
    answers = beside(*[lambda: stages.approve(story) for _ in range(4)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Conflict", "PepReview"]
    counts = (PepReview.objects.count(), PepVersion.objects.count(), Event.objects.filter(kind="pep.approved").count())
    assert counts == (1, 1, 1)


def test_approving_and_returning_at_once_one_of_them_happens():
    story = stages.submitted()
    facts = {"pep": story.pep, "submission": 1, "grading": stages.grading(story.pep, "amber"), "by": story.people.vsh}
    answers = beside(lambda: stages.approve(story), lambda: quality.return_pep(**facts, sections=["targets"]))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "PepReview"]
    assert PepReview.objects.count() == 1


def test_sending_in_twice_at_once_is_one_sending_in():
    story = stages.written()
    answers = beside(*[lambda: submitting.submit_pep(pep=story.pep, by=story.people.teacher) for _ in range(3)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Pep", "Refused", "Refused"]
    assert story.again().submission == 1


def test_opening_one_occasion_at_once_opens_one_pep():
    child = ChildFactory(known_from=today())
    period = PeriodOfCareFactory(child=child, start=today())
    CareEpisodeFactory(child=child, period=period, start=today())
    answers = beside(*[lambda: opening.open_initial(period=period) for _ in range(4)])
    assert len({answer.pk for answer in answers}) == 1
    pep = Pep.objects.get()
    assert (pep.kind, PepSection.objects.filter(pep=pep).count()) == (
        PepKind.INITIAL,
        len({*pep.sections.values_list("key")}),
    )


def test_eight_editors_lose_nothing():
    story = stages.scheduled()
    section = story.section("education_now")
    users = [UserFactory(role="teacher", name=f"Editor {place}") for place in range(8)]
    for user in users:
        MembershipFactory(user=user, organisation=story.people.school.organisation)

    def write(user):
        given = {"clubs": f"Words of {user.name}"}
        return writing.save_answers(section=section, answers=given, seen={}, by=user)

    beside(*[lambda user=user: write(user) for user in users])
    kept = {PepAnswer.objects.get().value} | set(PepSetAside.objects.values_list("value", flat=True))
    assert kept == {f"Words of {user.name}" for user in users}
    assert PepSetAside.objects.count() == 7


def test_writing_while_it_is_sent_in_is_in_or_out_never_between():
    story = stages.written()
    section = story.section("targets")
    writing.reopen_section(section=section, by=story.people.teacher)
    answers = beside(
        lambda: writing.complete_section(section=section, by=story.people.teacher),
        lambda: submitting.submit_pep(pep=story.pep, by=story.people.teacher),
    )
    assert isinstance(answers[0], PepSection)
    assert story.again().state in ("submitted", "meeting_held")
    assert story.section("targets").state == "complete"


def test_two_coordinators_and_the_night_remind_one_person_once():
    story = stages.scheduled()
    people = [story.people.socialworker, story.people.teacher]
    works = [
        lambda: chase(people=people, by=story.people.coordinator),
        lambda: chase(people=people[::-1], by=story.people.vsh),
        lambda: chase(people=people, by=story.people.coordinator),
        lambda: chase(people=people, by=None),
    ]
    answers = beside(*works)
    assert sorted(one.to_id for answer in answers for one in answer.sent) == sorted(one.pk for one in people)
    assert sum(len(answer.left_out) for answer in answers) == 6
    assert PepChaser.objects.count() == Message.objects.filter(kind="pep.chase").count() == 2


def test_a_reminder_posted_while_the_mail_is_being_sent_leaves_in_one_mail_at_most():
    story = stages.scheduled()
    Message.objects.all().delete()
    worker = story.people.socialworker
    beside(
        lambda: chase(people=[worker], by=story.people.coordinator),
        outbox.send_due,
        outbox.send_due,
        lambda: chase(people=[worker], by=story.people.vsh),
    )
    outbox.send_due()
    outbox.send_due()
    assert [one.to for one in mail.outbox] == [[worker.email]]
    assert list(Message.objects.filter(kind="pep.chase").values_list("state", flat=True)) == ["sent"]
