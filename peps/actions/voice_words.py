"""What somebody says by a link: saved as they go, given once, and read by an adult the same day when it has to be."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse

from children import alerts
from children.enums import RelationKind
from children.evidence import evidence, fact
from children.models import Child, Relationship
from peps import notifications, voice_links, workflow
from peps import policies_voice as policies
from peps.actions.stepping import locked, locked_link, move
from peps.enums import Audience, Face, LinkPurpose, PepState, Seat, SectionState
from peps.models import GivenBack, Pep, PepSection, VoiceConcern, VoiceLink, VoiceReply, VoiceStatement
from peps.people import people_of
from peps.voice import harm, prompts
from peps.voice.prompts import Prompt
from virtualschool.accounts.models import Membership, User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit import log
from virtualschool.kernel import periods
from virtualschool.kernel.dates import LONDON, now, today
from virtualschool.kernel.verdicts import Conflict, require
from virtualschool.rulebook import rules

HARM, TOLD = "voice.harm", "voice.harm.told"
LONGEST = 4000  # characters of one answer
SECTION_OF = {"child": "my_views", "carer": "carer_views", "parent": "carer_views"}
Answer = dict[str, str]


class Closed(Exception):
    """The link does not work for this device now. Its holder is told no more than that."""


@transaction.atomic
def save_answer(*, handle: str, device: str, key: str, value: str) -> VoiceLink:
    """Keep one answer until they are given. Words of the list are passed on at once, given or not.

    Raises:
        Closed: when the link does not work, or its words have been given.
    """
    link = _held(handle, device, LinkPurpose.ASK)
    if link.finished_at is not None or key not in {one.key for one in questions(link)}:
        raise Closed
    plain = _tidy(value)
    if link.draft.get(key, "") != plain:
        link.draft = {**link.draft, key: plain}
        link.save(update_fields=["draft"])
        _pass_on(link)
    return link


@transaction.atomic
def give(*, handle: str, device: str) -> VoiceLink:
    """Give what was written: from now on nobody changes it. A second press gives nothing twice.

    Raises:
        Closed: when the link does not work.
        Conflict: when nothing was written.
    """
    link = _held(handle, device, LinkPurpose.ASK)
    if link.finished_at is not None:
        return link
    answers = said(link)
    if not answers:
        raise Conflict("Nothing was written.")
    statement = VoiceStatement.objects.create(
        pep=link.pep, link=link, audience=link.audience, given_at=now(), answers=answers
    )
    link.finished_at, link.draft = now(), {}
    link.save(update_fields=["finished_at", "draft"])
    _begin(link)
    log.record("voice.given", by=None, subject=statement, data={"audience": link.audience})
    return link


@transaction.atomic
def reply(*, handle: str, device: str, face: str) -> VoiceLink:
    """What the child thinks of what became of their words; the first face stays.

    Raises:
        Closed: when the link does not work.
    """
    link = _held(handle, device, LinkPurpose.ANSWER)
    if link.finished_at is None:
        VoiceReply.objects.create(pep=link.pep, link=link, face=Face(face), given_at=now())
        link.finished_at = now()
        link.save(update_fields=["finished_at"])
        log.record("voice.replied", by=None, subject=link, data={"face": face})
    return link


@transaction.atomic
def read_back(*, link: VoiceLink) -> None:
    """The child has opened what became of their words: that it was given back, and what it said.

    A link that asks about the next PEP begins with what became of their words in the one before, where anything was written.
    """
    link = locked_link(link)
    pep = link.pep if link.purpose == LinkPurpose.ANSWER else _last_time(link)
    rows = (
        [{"said": row.said, "outcome": row.outcome, "answer": row.answer} for row in pep.you_said.all()] if pep else []
    )
    if pep is None or not (rows or link.purpose == LinkPurpose.ANSWER):
        return
    _, new = GivenBack.objects.get_or_create(link=link, defaults={"pep": pep, "how": "link", "at": now(), "rows": rows})
    if new:
        log.record("voice.given_back", by=None, subject=link, data={"how": "link"})


def _last_time(link: VoiceLink) -> Pep | None:
    """The PEP before, when its meeting was held: of a child who is asked about this one."""
    before = link.pep.previous if link.audience == Audience.CHILD else None
    return before if before is not None and before.state in workflow.HELD else None


def told_back(link: VoiceLink) -> list[dict[str, str]]:
    """What became of what the child said last time, as they were shown it by this link."""
    given = getattr(link, "given_back", None)
    return given.rows if given is not None and link.purpose == LinkPurpose.ASK else []


@transaction.atomic
def answer_concern(*, concern: VoiceConcern, done: str, by: User) -> VoiceConcern:
    """Say what was done about words that had to be read the same day.

    Raises:
        Refused: when ``by`` may not.
        Conflict: when it was answered already.
        ValueError: without words.
    """
    pep = locked(concern.pep)
    held = VoiceConcern.objects.select_for_update(of=("self",)).get(pk=concern.pk)
    held.pep = pep
    require(policies.can_answer_concern(by, held))
    if held.answered_at is not None:
        raise Conflict("Somebody has answered this already.")
    if not done.strip():
        raise ValueError("Say what was done.")
    held.done, held.answered_by, held.answered_at = done.strip(), by, now()
    held.save(update_fields=["done", "answered_by", "answered_at"])
    alerts.resolve(check_name=HARM, natural_key=key_of(held))
    log.record("voice.concern_answered", by=by, subject=held)
    return held


# ---------------------------------------------------------------- what is asked and what was said


def questions(link: VoiceLink) -> tuple[Prompt, ...]:
    """What the link asks, in order: in the version that it was made with; of a child first about what became of last time's words."""
    asked = prompts.versions()[link.prompts].asked(link.audience, link.pep.phase)
    return (prompts.OF_LAST_TIME, *asked) if told_back(link) else asked


def said(link: VoiceLink) -> list[Answer]:
    """The answers that are there so far, with the questions as they were asked."""
    return [
        {"key": one.key, "asked": one.ask, "value": value, "words": one.words_of(value)}
        for one in questions(link)
        if (value := link.draft.get(one.key, ""))
    ]


def key_of(concern: VoiceConcern) -> str:
    return f"concern:{concern.pk}"


def evidence_of(concern: VoiceConcern) -> dict[str, Any]:
    """What the alert says. It quotes nothing: the words stand on the concern's own page."""
    on = concern.found_at.astimezone(LONDON).date()
    href = reverse("peps:voice_concern", args=[concern.uuid])
    sentence = f"The {concern.get_audience_display()} wrote something that an adult has to read today"
    return evidence(sentence, fact(on, "Written by a link: read it and say what you did", href))


# ---------------------------------------------------------------- parts


def _held(handle: str, device: str, purpose: str) -> VoiceLink:
    """The link with its PEP held, when it works for the device now."""
    link = voice_links.of_device(handle, device)
    if link is None or link.purpose != purpose:
        raise Closed
    link = locked_link(link)
    if not voice_links.works(link):
        raise Closed
    return link


def _tidy(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()[:LONGEST]


def _found(link: VoiceLink, answers: Iterable[Answer]) -> dict[str, list[str]]:
    """What the answers may be about, by question."""
    words, asked = harm.current(today()), {one.key: one for one in questions(link)}
    found: dict[str, list[str]] = {}
    for answer in answers:
        prompt = asked[answer["key"]]
        about = words.found_in(answer["value"]) if prompt.kind == prompts.WORDS else []
        if answer["value"] in prompt.worried:
            about.append(f"“{answer['words']}” to “{prompt.ask}”")
        if about:
            found[prompt.key] = about
    return found


def _pass_on(link: VoiceLink) -> None:
    """An alert and a mail for words of the list. One waits for each link; after its answer, new words make another."""
    answers = said(link)
    found = _found(link, answers)
    waiting = VoiceConcern.objects.filter(link=link, answered_at=None).first()
    if waiting is not None:
        _keep_all(waiting, answers, found)
        return
    known = [(one["key"], one["value"]) for old in link.concerns.all() for one in old.answers]
    if not any((one["key"], one["value"]) not in known for one in answers if one["key"] in found):
        return
    concern = VoiceConcern.objects.create(
        pep=link.pep, link=link, audience=link.audience, found_at=now(), answers=answers, found=found
    )
    alerts.report(
        child=link.pep.child,
        check_name=HARM,
        natural_key=key_of(concern),
        evidence=evidence_of(concern),
        on=today(),
        rule=rules.get(TOLD, on=today()),
        group=FieldGroup.NARRATIVE,
    )
    notifications.to_read_today(concern, told_of(link))
    log.record("voice.concern_found", by=None, subject=concern)


def _keep_all(concern: VoiceConcern, answers: list[Answer], found: dict[str, list[str]]) -> None:
    """What was taken back before an adult had read it stays: a child may be afraid of having said it."""
    there = {(one["key"], one["value"]) for one in concern.answers}
    concern.answers = [*concern.answers, *(one for one in answers if (one["key"], one["value"]) not in there)]
    concern.found = concern.found | found
    concern.save(update_fields=["answers", "found"])


def told_of(link: VoiceLink) -> list[User]:
    """Whom the rule names and who is there; when nobody is, the head of the Virtual School, so that somebody always is."""
    child, named = link.pep.child, rules.value(TOLD, on=today())
    people = people_of(child, link.pep.school, today())
    by_role: dict[str, Iterable[User | None]] = {
        "socialworker": [people.at(Seat.SOCIAL_WORKER)],
        "ala": [people.at(Seat.ADVOCATE)],
        "maker": [link.made_by],
        "manager": _managers(child) if "manager" in named else [],
        "vsh": _heads() if "vsh" in named else [],
    }
    found = [user for role in named for user in by_role[role] if user is not None and user.is_active]
    answering = [user for user in found if user.reads(FieldGroup.NARRATIVE)]
    return found if answering else [*found, *_heads()]


def _managers(child: Child) -> list[User]:
    teams = Relationship.objects.current().filter(child=child, kind=RelationKind.TEAM).values("team")
    members = Membership.objects.current().filter(
        periods.on(today()), organisation__in=teams, position=Membership.Position.MANAGER
    )
    return [one.user for one in members.select_related("user")]


def _heads() -> list[User]:
    return list(User.objects.filter(role="vsh", is_active=True))


def _begin(link: VoiceLink) -> None:
    """Words were given: the section is begun, and so is the PEP."""
    pep = link.pep
    if pep.state == PepState.PLANNED:
        move(pep, "start")
    PepSection.objects.filter(pep=pep, key=SECTION_OF[link.audience], state=SectionState.NOT_STARTED).update(
        state=workflow.SECTION.target(SectionState.NOT_STARTED, "write")
    )
