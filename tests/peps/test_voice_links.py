"""A link is for one PEP, one person and the first device; whatever does not open answers alike, and the secret stands nowhere."""

import json
import logging
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from peps import voice_links
from peps.actions import ending
from peps.actions import voice_links as linking
from peps.enums import LinkPurpose
from peps.models import NoLinks, VoiceLink, VoiceStatement
from tests.factories.accounts import UserFactory
from tests.factories.rulebook import set_rule
from tests.peps import stages
from tests.peps.stages import Story
from virtualschool.audit.models import AccessLog, AuditEvent, Change
from virtualschool.kernel.dates import now
from virtualschool.kernel.redaction import WithoutSecrets
from virtualschool.kernel.verdicts import Conflict, Refused
from virtualschool.rulebook import rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return stages.scheduled()


def make(story: Story, audience: str = "child", purpose: str = "ask", **changes) -> linking.Made:
    facts = {"pep": story.pep, "audience": audience, "purpose": purpose, "asked_as": uuid4()}
    return linking.make_link(**facts | {"by": story.people.teacher} | changes)


def address(made: linking.Made) -> str:
    return reverse("voice:start", args=[made.token])


def opened(made: linking.Made) -> Client:
    """A phone that opened it."""
    phone = Client()
    assert phone.post(address(made)).status_code == 302
    return phone


def href(made: linking.Made, name: str, *more: int) -> str:
    return reverse(f"voice:{name}", args=[made.link.uuid.hex, *more])


def body(response) -> str:
    """A page without what differs each time."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


# ---------------------------------------------------------------- making


def test_its_token_is_long_and_kept_by_nobody(story: Story) -> None:
    made = make(story)
    assert len(made.token) == 43  # 256 bits in base64
    kept = json.dumps(list(VoiceLink.objects.values()), default=str)
    kept += json.dumps(list(Change.objects.values("old", "new")), default=str)
    kept += json.dumps(list(AuditEvent.objects.values("data", "subject_id")), default=str)
    assert made.token not in kept
    assert made.link.digest == voice_links.digest(made.token)
    changes = json.dumps(list(Change.objects.values("old", "new")), default=str)
    assert made.link.digest not in changes


def test_it_works_for_as_long_as_the_rule_says(story: Story) -> None:
    hours = rules.value("voice.link.hours", on=now().date())
    assert make(story).link.expires_at == now() + timedelta(hours=hours)


@pytest.mark.parametrize("role", ["teacher", "socialworker", "manager", "ala", "vsh", "support"])
def test_those_who_gather_voice_make_one(story: Story, role: str) -> None:
    assert make(story, by=story.people[role]).link.made_by == story.people[role]


@pytest.mark.parametrize("role", ["coordinator", "iro", "data", "sen", "dpo"])
def test_nobody_else_does(story: Story, role: str) -> None:
    with pytest.raises(Refused):
        make(story, by=story.people[role])


@pytest.mark.parametrize("role", ["teacher", "socialworker", "manager", "support"])
def test_nor_for_a_child_of_others(story: Story, role: str) -> None:
    with pytest.raises(Refused):
        make(story, by=story.people.outsiders[role])


def test_a_second_press_makes_no_second_link(story: Story) -> None:
    form = uuid4()
    first, second = make(story, asked_as=form), make(story, asked_as=form)
    assert first.link.pk == second.link.pk
    assert Client().get(address(first)).status_code == 404
    assert Client().get(address(second)).status_code == 200
    opened(second)
    with pytest.raises(Conflict):
        make(story, asked_as=form)


# ---------------------------------------------------------------- opening


def test_looking_at_it_uses_nothing_up(story: Story) -> None:
    made = make(story)
    scanner = Client()
    assert [scanner.get(address(made)).status_code for _ in range(3)] == [200, 200, 200]
    assert scanner.head(address(made)).status_code == 200
    assert VoiceLink.objects.get().opened_at is None
    assert opened(made).get(href(made, "about")).status_code == 200


def test_the_same_device_comes_back_by_the_link_and_another_does_not(story: Story) -> None:
    made = make(story)
    phone = opened(made)
    assert phone.get(address(made))["Location"] == href(made, "about")
    assert phone.post(address(made))["Location"] == href(made, "about")
    other = Client()
    assert [other.get(address(made)).status_code, other.post(address(made)).status_code] == [404, 404]
    assert other.get(href(made, "about")).status_code == 404


def test_a_cookie_that_was_made_up_or_of_another_link_opens_nothing(story: Story) -> None:
    made, other = make(story), make(story)
    phone, second = opened(made), opened(other)
    name = f"voice_{made.link.uuid.hex}"
    second.cookies[name] = second.cookies[f"voice_{other.link.uuid.hex}"].value
    assert second.get(href(made, "about")).status_code == 404
    phone.cookies[name] = phone.cookies[name].value[:-1] + "x"
    assert phone.get(href(made, "about")).status_code == 404


def test_the_cookie_is_for_these_pages_alone_and_no_script_reads_it(story: Story) -> None:
    made = make(story)
    cookie = opened(made).cookies[f"voice_{made.link.uuid.hex}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/say/", True, "Lax")
    assert int(cookie["max-age"]) == 72 * 3600


def test_everything_that_does_not_open_answers_alike(story: Story, time_machine) -> None:
    """Unknown, withdrawn, of another device, of a cancelled PEP, too old: one page, one status."""
    answers = [Client().get(reverse("voice:start", args=["unknown"])), Client().get("/say/k/../../etc/")]
    answers.append(Client().get(reverse("voice:start", args=["x" * 4000])))
    taken, used = make(story), make(story)
    opened(used)
    linking.withdraw_link(link=taken.link, by=story.people.teacher)
    answers += [Client().get(address(one)) for one in (taken, used)]
    answers += [Client().post(address(one)) for one in (taken, used)]
    answers += [Client().get(href(used, name)) for name in ("about", "check", "done", "answer")]
    answers += [Client().get(reverse("voice:question", args=["nothex", 99999999]))]
    old, ended = make(story), make(story)
    cache.clear()
    ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
    answers.append(Client().get(address(ended)))
    time_machine.move_to(now() + timedelta(hours=73), tick=False)
    answers.append(Client().get(address(old)))
    del answers[1]
    assert {one.status_code for one in answers} == {404}
    assert len({body(one) for one in answers}) == 1


@pytest.mark.parametrize("end", ["cancel", "stop", "leave", "late"])
def test_what_ends_the_link_ends_it_on_the_device_too(story: Story, end: str, time_machine) -> None:
    made = make(story)
    phone = opened(made)
    if end == "cancel":
        ending.end_pep(pep=story.pep, why="Opened by mistake", by=story.people.coordinator)
    elif end == "stop":
        linking.stop_links(child=story.people.amy, why="The phone is read", by=story.people.teacher)
    elif end == "leave":
        story.people.amy.periods_of_care.update(end=now().date())
    else:
        time_machine.move_to(now() + timedelta(hours=72), tick=False)
    assert phone.get(href(made, "about")).status_code == 404
    assert phone.post(href(made, "question", 2), {"answer": "Quiet"}).status_code == 404
    assert phone.post(href(made, "check")).status_code == 404
    assert VoiceStatement.objects.count() == 0


def test_it_ends_when_the_pep_is_sent_in_and_by_rule_after_the_meeting() -> None:
    story = stages.held()
    made = make(story)
    assert Client().get(address(made)).status_code == 200
    set_rule("voice.link.ends_with", "meeting")
    assert Client().get(address(made)).status_code == 404
    with pytest.raises(Refused):
        make(story)


def test_trying_is_counted_as_sign_ins_are(settings, story: Story) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"link_missed": "3/m/ip"}
    made, guesser = make(story), Client()
    statuses = [guesser.get(reverse("voice:start", args=[f"guess{n}"])).status_code for n in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert guesser.get(address(made)).status_code == 429


# ---------------------------------------------------------------- secrets


def test_the_secret_is_in_no_log_of_ours(story: Story, caplog) -> None:
    made = make(story)
    teacher = Client()
    teacher.force_login(story.people.teacher)
    teacher.get(address(made))
    linking.withdraw_link(link=made.link, by=story.people.teacher)
    with caplog.at_level(logging.DEBUG):
        teacher.get(address(made))
    said = [record for record in caplog.records if WithoutSecrets().filter(record)]
    assert any("/say/k/…" in record.getMessage() for record in said)
    assert [record.getMessage() for record in said if made.token in record.getMessage()] == []
    logged = json.dumps(list(AccessLog.objects.values()), default=str)
    assert made.token not in logged


def test_every_handler_hides_it(settings) -> None:
    handlers = settings.LOGGING["handlers"].values()
    assert [one.get("filters") for one in handlers] == [["without_secrets"]]


def test_its_pages_are_kept_nowhere_and_tell_no_other_site(story: Story) -> None:
    made = make(story)
    phone = opened(made)
    for response in (Client().get(address(made)), phone.get(href(made, "about")), phone.get(href(made, "question", 1))):
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response["X-Robots-Tag"]
    assert story.people.amy.last_name not in body(phone.get(href(made, "about")))


# ---------------------------------------------------------------- children who are sent none


def test_a_child_who_is_sent_no_links(story: Story) -> None:
    made = make(story)
    linking.stop_links(child=story.people.amy, why="Somebody reads the phone", by=story.people.teacher)
    assert VoiceLink.objects.get(pk=made.link.pk).withdrawn_by == story.people.teacher
    for audience in ("child", "carer", "parent"):
        with pytest.raises(Refused, match="no links"):
            make(story, audience)
    with pytest.raises(Conflict):
        linking.stop_links(child=story.people.amy, why="Again", by=story.people.socialworker)
    with pytest.raises(Refused):
        linking.begin_links_again(child=story.people.amy, by=story.people.teacher)
    linking.begin_links_again(child=story.people.amy, by=story.people.socialworker)
    assert make(story).link.pk
    linking.stop_links(child=story.people.amy, why="And again", by=story.people.socialworker)
    assert NoLinks.objects.count() == 2


def test_only_those_who_gather_the_childs_voice_stop_links(story: Story) -> None:
    for user in (story.people.coordinator, story.people.outsiders["teacher"], UserFactory(role="iro")):
        with pytest.raises(Refused):
            linking.stop_links(child=story.people.amy, why="No", by=user)


def test_a_link_is_taken_back_once_and_by_those_who_reach_the_child(story: Story) -> None:
    made = make(story)
    with pytest.raises(Refused):
        linking.withdraw_link(link=made.link, by=story.people.outsiders["teacher"])
    linking.withdraw_link(link=made.link, by=story.people.socialworker)
    with pytest.raises(Conflict):
        linking.withdraw_link(link=made.link, by=story.people.teacher)


def test_what_became_of_it_is_given_back_to_the_child_alone(story: Story) -> None:
    with pytest.raises(Refused, match="after the meeting"):
        make(story, purpose=LinkPurpose.ANSWER)
    held = stages.held(stages.accepted(story))
    with pytest.raises(Refused, match="Write first"):
        make(held, purpose=LinkPurpose.ANSWER)
    with pytest.raises(Refused, match="to the child"):
        make(held, audience="carer", purpose=LinkPurpose.ANSWER)
