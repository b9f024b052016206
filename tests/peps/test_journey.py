"""One PEP from the first invitation to the release, through the pages, by the people whose work each step is."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from peps import layouts
from peps.actions import opening
from peps.enums import MeetingState, PepState, SectionState
from peps.models import Pep, PepAnswer, PepCost, PepMeeting, PepSection, PepTarget
from tests import personas
from tests.peps import stages
from tests.peps.stages import answer
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs.models import Delivery, Event
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db


class Desk:
    """Somebody signed in, at work on one PEP."""

    def __init__(self, user, pep: Pep) -> None:
        self.user, self.pep, self.client = user, pep, Client()
        self.client.force_login(user)

    def opens(self, view: str, record=None):
        return self.client.get(self._url(view, record))

    def sends(self, view: str, record=None, **data):
        response = self.client.post(self._url(view, record), data)
        assert response.status_code == 302, response.content.decode()[-3000:]
        return response

    def is_offered(self) -> list[str]:
        return [step["text"] for step in self.opens("detail").context["actions"]]

    def writes(self, section: PepSection) -> None:
        """Opens the section's form, answers everything it asks, and marks it as finished."""
        form = self.opens("write", section).context["form"]
        given = {name: form[name].value() or "" for name in form.fields}
        specs = layouts.of_version(section.pep.layout).section(section.key).fields
        for spec in specs:
            if spec.key in form.fields and not given[spec.key]:
                given |= _as_sent(spec, answer(spec))
        self.sends("write", section, **given)

    def _url(self, view: str, record) -> str:
        return reverse(f"peps:{view}", args=[(record or self.pep).uuid])


def _as_sent(asked, value, name: str = "") -> dict[str, object]:
    """What a browser sends for an answer: a date in three boxes, a table row by row."""
    name = name or asked.key
    if asked.type == "table":
        boxes = [(column, place, row[column.key]) for place, row in enumerate(value) for column in asked.columns]
        sent = [_as_sent(column, said, f"{name}-{place}-{column.key}") for column, place, said in boxes]
        return {key: said for row in sent for key, said in row.items()}
    if asked.type == "date":
        year, month, day = str(value).split("-")
        return {f"{name}-day": day, f"{name}-month": month, f"{name}-year": year}
    return {name: value}


def _day(name: str, on) -> dict[str, int]:
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


def test_the_whole_line():
    people = personas.cast()
    opening.open_term_peps(today())
    pep = Pep.objects.get(child=people.amy)
    desk = {role: Desk(user, pep) for role, user in people.people.items()}
    coordinator, worker, teacher, advocate = (desk[role] for role in ("coordinator", "socialworker", "teacher", "ala"))

    # the coordinator plans the meeting; whoever must come is worked out
    assert coordinator.is_offered() == ["Plan the meeting", "Cancel this PEP"]
    coordinator.sends("schedule", time="10:30", place="School library", **_day("on", today()))
    first = PepMeeting.objects.get(pep=pep)
    invitation = first.invitations.get(seat="social_worker")
    assert invitation.user == people.socialworker

    # the social worker declines; the meeting cannot be held, and says by which rule
    worker.sends("answer", invitation, answer="decline", why="In court all day")
    refused = teacher.opens("detail").context["refused"]
    assert [(step["text"], step["source"]) for step in refused] == [
        ("Record that the meeting was held", "Devon Virtual School: information for IROs and social workers")
    ]
    assert teacher.client.get(reverse("peps:hold", args=[first.uuid])).status_code == 403

    # it is rearranged with the reason kept, and the social worker accepts
    coordinator.sends("rearrange", first, why="The social worker is in court", time="2pm", **_day("on", today()))
    first.refresh_from_db()
    second = PepMeeting.objects.get(pep=pep, state=MeetingState.PLANNED)
    assert (first.state, first.ended_why) == (MeetingState.REARRANGED, "The social worker is in court")
    worker.sends("answer", second.invitations.get(seat="social_worker"), answer="accept")

    # everybody writes their own part before the meeting
    layout = layouts.of_version(pep.layout)
    for section in PepSection.objects.filter(pep=pep).select_related("pep"):
        if layout.section(section.key).when == "before":
            (worker if section.owner in ("social_worker", "carer") else teacher).writes(section)

    # the meeting is held with its social worker, the next one booked
    came = {f"came_{one.pk}": "came" for one in second.invitations.all()}
    teacher.sends("hold", second, **came, **_day("next_meeting_on", today() + timedelta(days=100)))

    # the gate lists what is missing, by person; then it is written
    assert teacher.client.post(reverse("peps:submit", args=[pep.uuid])).status_code == 409
    facts = {"area": "english", "start_point": "40 words a minute", "goal": "70 words a minute"}
    more = {"measure": "Read aloud", "named_person": "Ms Reader"} | _day("by_when", today() + timedelta(days=90))
    teacher.sends("target_add", **facts, **more)
    target = PepTarget.objects.get(pep=pep)
    cost = {"item": "Tuition", "category": "tuition", "sessions_a_week": 2, "weeks": 10, "price": "25"}
    teacher.sends("cost_add", target, **cost)
    for section in PepSection.objects.filter(pep=pep).exclude(state=SectionState.COMPLETE).select_related("pep"):
        teacher.writes(section)
    assert teacher.opens("submit").context["people"] == []
    teacher.sends("submit")

    # the advocate returns it with a reason: only what was returned opens, and nothing is released
    assert advocate.is_offered() == ["Quality-assure this PEP", "Take it up"]
    advocate.sends("take_up", submission=1)
    pep.refresh_from_db()
    back = {"decision": "return", "reason": "The target needs a number", "sections": ["targets"]}
    advocate.sends("grade", **stages.answer_form(pep, "amber", **back))
    opened = PepSection.objects.filter(pep=pep).exclude(state=SectionState.COMPLETE)
    assert [(section.key, section.returned_why) for section in opened] == [("targets", "The target needs a number")]
    assert not Event.objects.filter(kind="pep.approved").exists()

    # mended and sent in again; the old page decides nothing any more; then it is approved
    teacher.sends("target_edit", target, version=1, **facts | {"goal": "75 words a minute"}, **more)
    teacher.writes(opened.select_related("pep").get())
    teacher.sends("submit")
    stale = stages.answer_form(pep, submission=1)
    assert advocate.client.post(reverse("peps:grade", args=[pep.uuid]), stale).status_code == 409
    agreed = PepCost.objects.get(target=target).pk
    advocate.sends("grade", **stages.answer_form(pep, submission=2, agreed=[agreed]))
    pep.refresh_from_db()
    assert (pep.state, pep.grade, pep.versions.count()) == (PepState.COMPLETE, "green", 1)

    # the money may be released, once, by whoever waits for it
    event = Event.objects.get(kind="pep.approved")
    assert event.data["pep"] == pep.pk
    assert Delivery.objects.filter(event=event).count() == len(
        set(Delivery.objects.filter(event=event).values_list("consumer"))
    )
    again = advocate.client.post(reverse("peps:grade", args=[pep.uuid]), stale | {"submission": 2})
    assert (again.status_code, Event.objects.filter(kind="pep.approved").count()) == (409, 1)

    # the reviewing officer reads it, health and money left out; another school's teacher finds nothing
    words = PepAnswer.objects.get(section__pep=pep, field="my_words").value
    read = desk["iro"].opens("read").content.decode()
    assert (words in read, "75 words a minute" in read, "Tuition" in read) == (True, True, False)
    stranger = Desk(people.outsiders["teacher"], pep)
    assert {stranger.opens(view).status_code for view in ("detail", "read", "targets", "quality")} == {404}

    # everything that was done is written down, in order
    verbs = list(
        AuditEvent.objects.filter(subject_type="peps.Pep", subject_id=str(pep.pk))
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert verbs == ["pep.opened", "pep.submitted", "pep.taken_up", "pep.returned", "pep.submitted", "pep.approved"]
