"""Who is nominated for regulation 10, by whom it is recorded, and that nobody decides on words of their own."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from referrals.actions import move_decisions as deciding
from referrals.actions import moves as actions
from referrals.models import NominatedOfficer
from referrals.notifications import moves as notifications
from referrals.policies import moves as policies
from tests import personas
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, SchoolFactory
from tests.factories.moves import NominatedOfficerFactory, SchoolMoveFactory
from virtualschool.audit import log
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LETTER = "Letter of the Director"


def nominate(user, by, start=None):
    return deciding.nominate(user=user, start=start or today(), authority=LETTER, by=by)


def test_nobody_records_their_own_nomination_and_an_advocate_only_the_heads():
    head, ala, other = UserFactory(role="vsh"), UserFactory(role="ala"), UserFactory(role="ala")
    for user, by, words in ((head, head, "their own"), (ala, ala, "their own"), (other, ala, "no other")):
        with pytest.raises(Refused, match=words):
            nominate(user, by)
    with pytest.raises(Refused, match="kept by"):
        nominate(head, UserFactory(role="coordinator"))
    nominate(head, ala), nominate(ala, head)
    assert set(NominatedOfficer.objects.values_list("user", "nominated_by")) == {(head.pk, ala.pk), (ala.pk, head.pk)}
    assert deciding.could_be_nominated(ala) == [head]
    assert set(deciding.could_be_nominated(head)) == {ala, other}
    with pytest.raises(Refused, match="ended by"):
        deciding.end_nomination(officer=NominatedOfficer.objects.get(user=head), on=today() + DAY, by=ala)


def test_no_nomination_reaches_back_and_one_to_come_is_cancelled():
    head, ala = UserFactory(role="vsh"), UserFactory(role="ala")
    with pytest.raises(ValidationError) as refused:
        nominate(ala, head, today() - DAY)
    assert list(refused.value.message_dict) == ["start"]
    mistaken = nominate(ala, head, today() + 30 * DAY)
    deciding.end_nomination(officer=mistaken, on=mistaken.start, by=head)
    held = nominate(ala, head)
    assert not NominatedOfficer.objects.current(mistaken.start).filter(pk=mistaken.pk).exists()
    with pytest.raises(ValidationError):
        deciding.end_nomination(officer=held, on=today(), by=head)


def test_the_page_of_nominations_says_what_was_cancelled_and_ends_only_for_the_head(client):
    head, ala = UserFactory(role="vsh"), UserFactory(role="ala")
    officer = NominatedOfficerFactory(user=ala, start=today() + 30 * DAY)
    end = reverse("moves:officer_end", args=[officer.uuid])
    client.force_login(ala)
    page = client.get(reverse("moves:officers")).content.decode()
    assert (end in page, head.name in page, client.get(end).status_code) == (False, True, 403)
    client.force_login(head)
    assert end in client.get(reverse("moves:officers")).content.decode()
    assert "To cancel it, give that day" in client.get(end).content.decode()
    sent = {f"on-{part}": getattr(officer.start, part) for part in ("day", "month", "year")}
    assert client.post(end, sent).status_code == 302
    assert "Cancelled before it began" in client.get(reverse("moves:officers")).content.decode()


def test_a_nomination_counts_only_for_one_who_may_be_nominated():
    officer = NominatedOfficerFactory()
    move = SchoolMoveFactory(proposed=True)
    assert policies.can_decide_some(officer.user, move)
    officer.user.role = "data"
    assert not policies.can_decide_some(officer.user, move)


@pytest.mark.parametrize("verb", policies.WRITING)
def test_whoever_wrote_part_of_a_case_does_not_decide_it(verb):
    move, writer, other = SchoolMoveFactory(proposed=True), UserFactory(role="vsh"), UserFactory(role="ala")
    log.record("move.view_recorded", by=writer, subject=move)
    assert policies.can_decide_some(writer, move)
    log.record(verb, by=writer, subject=move)
    assert "You wrote part" in policies.can_decide_some(writer, move).reason
    assert policies.can_decide_some(other, move)
    assert policies.can_decide_some(writer, SchoolMoveFactory(proposed=True)), "another case"


def test_an_advocate_who_named_the_school_cannot_let_the_worker_press_the_button():
    people = personas.cast()
    move = SchoolMoveFactory(child=people.amy, opened_by=people.socialworker)
    actions.add_school(move=move, school=SchoolFactory(), by=people.ala)
    type(move).objects.filter(pk=move.pk).update(state="proposed", proposed_by=people.socialworker)
    move.refresh_from_db()
    with pytest.raises(Refused, match="You wrote part"):
        deciding.decide(move=move, approved=True, words="Yes", by=people.ala)


def test_the_heads_hear_of_a_move_for_which_nobody_is_nominated():
    head = UserFactory(role="vsh")
    NominatedOfficerFactory(user=UserFactory(role="data"), nominated_by=head)
    NominatedOfficerFactory(user__is_active=False, nominated_by=head)
    move = SchoolMoveFactory(child=ChildFactory(in_care=True))
    notifications.tell_deciders(move, 1, nominated=True, head=False)
    assert list(Message.objects.values_list("to", flat=True)) == [head.pk]
    officer = NominatedOfficerFactory(nominated_by=head)
    notifications.tell_deciders(move, 2, nominated=True, head=False)
    assert set(Message.objects.values_list("to", flat=True)) == {head.pk, officer.user_id}
    assert Message.objects.count() == 2
