"""The rubrics hold together, the loader refuses one that does not, and each formula makes the grade its council published."""

import tomllib
from pathlib import Path

import pytest

from peps import rubrics
from peps.enums import Grade
from peps.rubrics import Asked, BadRubric, loader, overall
from virtualschool.rulebook import shipped

HOUSE, EIGHT, SEVEN, LANCASHIRE = (
    rubrics.of_version(name) for name in ("house_1", "st_helens_eight", "st_helens_seven", "lancashire_1")
)
WHOLE = Asked(frozenset({"last_targets", "moving_on"}), "spring", 6)
SMALL = """
version = "small"
title = "Small"
source = "A test"
[bands]
gold = "a"
green = "b"
amber = "c"
red = "d"
[formula]
strategy = "tally"
gold_but = 0
green_ambers = 1
reds = 1
red_alone = []
"""
QUESTION = """
[[question]]
key = "{key}"
title = "T"
asks = "?"
sections = ["targets"]
{more}
[question.bands]
gold = "a"
green = "b"
amber = "c"
red = "d"
"""


def small(tmp_path: Path, head: str = SMALL, *, more: str = "", keys: tuple[str, ...] = ("one", "two")) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(head + "".join(QUESTION.format(key=key, more=more) for key in keys), encoding="utf-8")
    return path


def given(rubric: rubrics.Rubric, rest: Grade, **but: Grade) -> dict[str, Grade]:
    return {one.key: but.get(one.key, rest) for one in rubric}


def grades(rubric: rubrics.Rubric, *cases: dict[str, Grade]) -> list[str]:
    return [overall(rubric, case).grade.value for case in cases]


GOLD, GREEN, AMBER, RED = Grade.GOLD, Grade.GREEN, Grade.AMBER, Grade.RED


def test_every_version_is_a_choice_of_the_rule_and_says_where_it_comes_from():
    assert set(shipped.definition("pep.rubric").shape.choices) == set(rubrics.versions())
    assert all(rubric.source for rubric in rubrics.versions().values())


def test_the_house_asks_the_twelve_questions():
    assert [one.key for one in HOUSE] == [
        "voice",
        "meeting",
        "last_targets",
        "attainment",
        "attendance",
        "needs",
        "targets",
        "pupil_premium",
        "moving_on",
        "aspiration",
        "others",
        "whole",
    ]


@pytest.mark.parametrize("rubric", rubrics.versions().values(), ids=rubrics.versions())
@pytest.mark.parametrize("band", [GREEN, AMBER, RED])
def test_a_pep_of_one_band_throughout_is_of_that_band(rubric, band):
    assert overall(rubric, given(rubric, band)).grade == band


class TestStHelens:
    def test_seven_of_eight_gold_and_the_rest_green_is_gold(self):
        cases = [given(EIGHT, GOLD, meeting=GREEN), given(EIGHT, GOLD, meeting=GREEN, views=GREEN)]
        assert grades(EIGHT, *cases, given(EIGHT, GOLD, meeting=AMBER)) == ["gold", "green", "green"]

    def test_one_amber_is_green_and_two_are_amber(self):
        cases = [given(EIGHT, GREEN, meeting=AMBER), given(EIGHT, GREEN, meeting=AMBER, views=AMBER)]
        assert grades(EIGHT, *cases) == ["green", "amber"]

    def test_any_red_is_red_where_eight_are_graded_and_more_than_one_where_seven_are(self):
        one, two = {"views": RED}, {"views": RED, "targets": RED}
        assert grades(EIGHT, given(EIGHT, GOLD, **one)) == ["red"]
        assert grades(SEVEN, given(SEVEN, GOLD, **one), given(SEVEN, GOLD, **two)) == ["amber", "red"]

    def test_attainment_is_not_counted_where_it_is_left_out(self):
        assert grades(SEVEN, given(SEVEN, GOLD, attainment=RED, meeting=GREEN)) == ["gold"]
        assert grades(EIGHT, given(EIGHT, GOLD, attainment=RED)) == ["red"]

    def test_attendance_is_gold_from_97_per_cent(self):
        figure = EIGHT.question("attendance").figure
        assert (figure.section, figure.field, figure.gold_at_least) == ("attendance", "attendance_percent", 97.0)

    def test_the_aspiration_pathway_is_asked_from_key_stage_2(self):
        young, older = Asked(frozenset(), "autumn", 2), Asked(frozenset(), "autumn", 3)
        assert EIGHT.not_asked_of(young) == {"aspiration": "it is asked from Year 3"}
        assert EIGHT.not_asked_of(older) == {}


class TestLancashire:
    def test_is_green_only_when_every_criterion_is(self):
        assert grades(LANCASHIRE, given(LANCASHIRE, GREEN), given(LANCASHIRE, GREEN, needs=AMBER)) == ["green", "amber"]

    @pytest.mark.parametrize(
        ("key", "grade"),
        [("voice", RED), ("meeting", RED), ("targets", RED), ("pupil_premium", RED), ("moving_on", RED)]
        + [("needs", AMBER), ("carer", AMBER), ("attainment", AMBER), ("last_targets", AMBER)],
    )
    def test_is_red_for_what_makes_it_red(self, key, grade):
        assert overall(LANCASHIRE, given(LANCASHIRE, GREEN, **{key: RED})).grade == grade

    def test_a_plan_for_a_move_is_asked_for_in_spring_and_summer(self):
        found = {
            term: "moving_on" in {one.key for one in LANCASHIRE.asked_of(Asked(WHOLE.sections, term, 6))}
            for term in ("autumn", "spring", "summer")
        }
        assert found == {"autumn": False, "spring": True, "summer": True}


class TestHouse:
    def test_voice_and_targets_count_twice(self):
        one = overall(HOUSE, given(HOUSE, GREEN, others=AMBER, needs=AMBER))
        two = overall(HOUSE, given(HOUSE, GREEN, voice=AMBER, needs=AMBER))
        assert (one.grade, two.grade) == (GREEN, AMBER)
        assert one.words == (
            "12 green, 2 amber (“Voice” counts twice, “Targets” counts twice): green, because 2 ambers are allowed."
        )

    @pytest.mark.parametrize(("key", "grade"), [("voice", RED), ("needs", AMBER)])
    def test_some_reds_are_enough_alone(self, key, grade):
        assert overall(HOUSE, given(HOUSE, GREEN, **{key: RED})).grade == grade

    def test_a_first_pep_outside_a_year_of_transition_is_not_asked_for_either(self):
        assert HOUSE.not_asked_of(Asked(frozenset({"targets"}), "autumn", 4)) == {
            "last_targets": "the PEP has no such part",
            "moving_on": "the PEP has no such part",
        }


def test_the_working_names_what_decided():
    assert overall(HOUSE, given(HOUSE, GREEN, voice=RED, targets=RED)).because == (
        "a red for “Voice” and “Targets” is enough"
    )
    assert overall(LANCASHIRE, given(LANCASHIRE, GREEN, needs=AMBER)).because == (
        "not all criteria of green are met: “Needs”"
    )


def test_most_pages_red(tmp_path):
    keys = ("one", "two", "three")
    rubric = loader.read(small(tmp_path, SMALL.replace("reds = 1", 'reds = "most"'), keys=keys))
    cases = [dict(zip(keys, bands, strict=True)) for bands in ((RED, GREEN, GREEN), (RED, RED, GREEN))]
    assert grades(rubric, *cases) == ["amber", "red"]


def test_nothing_is_reckoned_of_nothing():
    with pytest.raises(ValueError, match="No question that counts"):
        overall(HOUSE, {})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"head": SMALL.replace('"small"', '"large"')}, "calls itself 'large'"),
        ({"head": SMALL.replace('"A test"', '" "')}, "no source"),
        ({"head": SMALL.replace('gold = "a"', 'silver = "a"')}, "silver is no band"),
        ({"head": SMALL.replace('red = "d"', "")}, "green, amber and red are always there"),
        ({"head": SMALL.replace('"tally"', '"vibes"')}, "no formula 'vibes'"),
        (
            {"head": SMALL.replace("gold_but = 0", "")},
            "takes gold_but, green_ambers, red_alone, reds, and nothing else",
        ),
        ({"head": SMALL.replace("red_alone = []", 'red_alone = ["nine"]')}, "nine is no question that counts"),
        ({"head": SMALL.replace("gold_but = 0", "gold_but = 2")}, "gold_but must be a number from 0 to 1"),
        ({"head": SMALL.replace("reds = 1", "reds = 3")}, "reds must be a number from 1 to 2"),
        ({"head": SMALL.replace("reds = 1", 'reds = "many"')}, "reds must be a number from 1 to 2, or 'most'"),
        ({"keys": ("one", "one")}, "question one comes twice"),
        ({"more": "weight = 0"}, "a weight is at least 1"),
        ({"more": "scored = false"}, "no question counts"),
        ({"more": 'needs = "gossip"'}, "no PEP has a section gossip"),
        ({"more": 'terms = ["lent"]'}, "lent is no term"),
        ({"more": 'figure = {section = "attendance", field = "x", gold_at_least = 9}'}, "field attendance.x"),
    ],
)
def test_a_rubric_that_contradicts_itself_is_refused_and_says_where(tmp_path, change, words):
    with pytest.raises(BadRubric, match=words) as refused:
        loader.read(small(tmp_path, **change))
    assert "small.toml" in str(refused.value)


def test_words_for_every_band_and_no_other(tmp_path):
    path = small(tmp_path)
    path.write_text(path.read_text().replace('amber = "c"\nred = "d"\n\n[[', 'red = "d"\n\n[[', 1), encoding="utf-8")
    with pytest.raises(BadRubric, match="needs words for"):
        loader.read(path)


def test_lowest_and_gold_do_not_go_together(tmp_path):
    head = SMALL.split("[formula]")[0] + '[formula]\nstrategy = "lowest"\nred_alone = []\n'
    with pytest.raises(BadRubric, match="never makes gold"):
        loader.read(small(tmp_path, head))


def test_files_are_named_by_their_versions():
    found = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["version"] for path in loader.HERE.glob("*.toml")
    }
    assert found == {name: name for name in rubrics.versions()}
