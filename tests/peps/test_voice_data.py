"""The prompts hold together for every phase, every reader has words, and the list of harm words finds what it should."""

from datetime import date

import pytest

from peps.enums import PepPhase
from peps.voice import harm, prompts
from virtualschool.accounts.roles import ROLES, FieldGroup

ON = date(2026, 11, 22)


@pytest.mark.parametrize("phase", PepPhase.values)
@pytest.mark.parametrize("audience", ["child", "carer", "parent"])
def test_everybody_is_asked_a_few_things(audience: str, phase: str) -> None:
    asked = prompts.current(ON).asked(audience, phase)
    assert 3 <= len(asked) <= 8
    assert any(one.kind == prompts.WORDS for one in asked)


def test_the_youngest_mostly_choose_faces() -> None:
    kinds = [one.kind for one in prompts.current(ON).asked("child", "E")]
    assert kinds.count(prompts.FACES) > kinds.count(prompts.WORDS)


def test_every_role_that_reads_the_childs_voice_is_named_to_the_child() -> None:
    reading = {role.name for role in ROLES.values() if FieldGroup.VOICE in role.reads}
    assert set(prompts.current(ON).readers) == reading
    assert len(prompts.current(ON).who_reads()) == len(reading)


def test_a_day_before_the_first_version_has_the_first() -> None:
    assert prompts.current(date(2000, 1, 1)).version == harm.current(date(2000, 1, 1)).version == "2026_09"


@pytest.mark.parametrize(
    "text",
    [
        "I want to run away",
        "i want 2 r u n a w a y",
        "RUNNING AWAY from here",
        "he hits me",
        "he h i t s me",
        "hit!",
        "hít",
        "He hurt me.",
        "hurrrrt",
        "hu\u200brt",
        "my dad beat me up",
        "I'm scared of him",
        "im scaaared",
        "I don't feel safe",
        "i dont want to live",
        "k1ll",
        "kill my self",
        "su1c1de",
        "self-harm",
        "he touches me",
        "private parts",
        "he has a kn1fe",
        "nothing to eat",
        "ＨＩＴ",
        "nobody cares",
    ],
)
def test_what_an_adult_has_to_read(text: str) -> None:
    assert harm.current(ON).found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "I like maths when it is quiet",
        "White paper and architecture",
        "My kite flies high",
        "I want a friend to sit with at lunch",
        "The skills lesson with Mrs Dunn",
        "I am good at football and drama",
        "",
        "😀😀",
    ],
)
def test_what_is_nobodys_worry(text: str) -> None:
    assert harm.current(ON).found_in(text) == []


def test_the_list_says_where_it_comes_from() -> None:
    assert len(harm.current(ON).sources) == 4
