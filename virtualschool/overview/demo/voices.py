"""Words given by links in the last days: by children of every age, carers and parents; some that an adult had to read, and what came of them."""

from uuid import uuid4

from peps.actions import voice_back, voice_links, voice_words
from peps.enums import Audience, Face, GivenBackHow, LinkPurpose, PepState, WhatWeDid
from peps.models import Pep, VoiceConcern
from peps.voice import prompts
from peps.workflow import BEFORE_MEETING
from virtualschool.kernel.verdicts import Conflict
from virtualschool.overview.demo import words_lately as words
from virtualschool.overview.demo.scene import Scene, tell_of

AGES = ("E", "P", "S", "16")
ABLE = ("P", "S")


def tell(scene: Scene) -> None:
    """Links that were answered, opened, left lying and too old; then what the adults made of the words."""
    planned = {"meetings__state": "planned", "meetings__starts_at__date__gte": scene.world.on}
    coming = list(scene.peps(PepState.PREPARING, **planned))
    asking = [*coming, *scene.peps(*BEFORE_MEETING, PepState.MEETING_HELD).exclude(pk__in=[pep.pk for pep in coming])]
    for phase in AGES:
        tell_of(1, [pep for pep in asking if pep.phase == phase], _answered, scene, Audience.CHILD)
    tell_of(2, coming, _answered, scene, Audience.CARER)
    tell_of(1, coming, _answered, scene, Audience.PARENT)
    tell_of(1, coming[::-1], _begun, scene)
    tell_of(1, coming, _left_lying, scene)
    tell_of(1, coming[::-1], _too_old, scene)
    able = [pep for pep in asking if pep.phase in ABLE]
    tell_of(1, able, _worried, scene, words.WORRYING[0], words.WORRY_DONE)
    tell_of(1, able[1:], _worried, scene, words.WORRYING[1], "")
    _what_came_of_it(scene)


# ---------------------------------------------------------------- links


class Holder:
    """Whoever holds a link that the social worker made so many days ago, with the device on which they open it."""

    def __init__(self, scene: Scene, pep: Pep, audience: Audience, back: int, purpose: LinkPurpose) -> None:
        self.scene = scene
        by = scene.worker(pep, back)
        with scene.at(back, 16, by):
            made = voice_links.make_link(pep=pep, audience=audience, purpose=purpose, asked_as=uuid4(), by=by)
        self.link, self.token, self.device = made.link, made.token, ""

    def open(self) -> None:
        opened = voice_links.open_link(token=self.token)
        if opened is None:
            raise Conflict("This link opens nothing today.")
        self.link, self.device = opened

    def say(self, key: str, value: str) -> None:
        voice_words.save_answer(handle=self.link.uuid.hex, device=self.device, key=key, value=value)

    def give(self) -> None:
        voice_words.give(handle=self.link.uuid.hex, device=self.device)


def _answered(scene: Scene, audience: Audience, pep: Pep) -> None:
    held = Holder(scene, pep, audience, 3, LinkPurpose.ASK)
    with scene.at(2, 17, None):
        held.open()
        _say(held)
        held.give()


def _say(held: Holder) -> None:
    """Faces and choices, and words where there are some; nobody has to say everything."""
    said = words.SAID[held.link.audience]
    for place, one in enumerate(voice_words.questions(held.link)):
        value = said.get(one.key, "") if one.kind == prompts.WORDS else one.choices[place % 2].key
        if value:
            held.say(one.key, value)


def _begun(scene: Scene, pep: Pep) -> None:
    """Opened and written in part: it is given some other day."""
    held = Holder(scene, pep, Audience.CARER, 2, LinkPurpose.ASK)
    with scene.at(1, 17, None):
        held.open()
        held.say(*next(iter(words.SAID[Audience.CARER].items())))


def _left_lying(scene: Scene, pep: Pep) -> None:
    Holder(scene, pep, Audience.PARENT, 1, LinkPurpose.ASK)


def _too_old(scene: Scene, pep: Pep) -> None:
    """Made longer ago than a link works, and opened by nobody."""
    Holder(scene, pep, Audience.PARENT, 6, LinkPurpose.ASK)


def _worried(scene: Scene, said: str, done: str, pep: Pep) -> None:
    """Words of the list, which the social worker is told of at once; ``done`` is the answer, empty while there is none."""
    held = Holder(scene, pep, Audience.CHILD, 3, LinkPurpose.ASK)
    key = next(one.key for one in voice_words.questions(held.link) if one.kind == prompts.WORDS)
    with scene.at(2, 17, None):
        held.open()
        held.say(key, said)
        held.give()
    if done:
        by = scene.worker(pep, 1)
        with scene.at(1, 9, by):
            voice_words.answer_concern(concern=VoiceConcern.objects.get(link=held.link), done=done, by=by)


# ---------------------------------------------------------------- you said, we did


def _what_came_of_it(scene: Scene) -> None:
    """After the meeting: read by the child, told to the child, on its way, and written without having been given back."""
    done = list(scene.peps(PepState.COMPLETE, completed_on__lt=scene.day(8)))
    after = {"meetings__starts_at__date__lt": scene.day(4)}
    met = list(scene.peps(PepState.MEETING_HELD, meetings__state="held", **after))
    tell_of(1, met, _read_by_the_child, scene)
    tell_of(1, met[1:], _written, scene)
    tell_of(2, done, _told_to_the_child, scene)
    tell_of(1, done[2:], _on_its_way, scene)


def _written(scene: Scene, pep: Pep, number: int = 3) -> None:
    by = scene.worker(pep, 2)
    with scene.at(2, 10, by):
        for said, outcome, answer in words.YOU_SAID[:number]:
            voice_back.add_answer(pep=pep, facts=voice_back.Answered(said, WhatWeDid(outcome), answer), by=by)


def _told_to_the_child(scene: Scene, pep: Pep) -> None:
    _written(scene, pep, 2)
    by = scene.worker(pep, 1)
    with scene.at(1, 10, by):
        voice_back.give_back(pep=pep, how=GivenBackHow.TOLD, by=by)


def _on_its_way(scene: Scene, pep: Pep) -> Holder:
    _written(scene, pep)
    return Holder(scene, pep, Audience.CHILD, 2, LinkPurpose.ANSWER)


def _read_by_the_child(scene: Scene, pep: Pep) -> None:
    """Who had said something by a link before, reads what became of it, and says what they think of that."""
    asked = Holder(scene, pep, Audience.CHILD, 4, LinkPurpose.ASK)
    with scene.at(3, 17, None):
        asked.open()
        _say(asked)
        asked.give()
    held = _on_its_way(scene, pep)
    with scene.at(1, 17, None):
        held.open()
        voice_words.read_back(link=held.link)
        voice_words.reply(handle=held.link.uuid.hex, device=held.device, face=Face.OK)
