"""The field list holds together, and gives each PEP what belongs to it."""

from datetime import date

import pytest

from peps import layouts
from peps.enums import Owner, PepKind, PepPhase
from peps.layouts import Circumstance, FieldType, Lines, Occasion, When
from peps.layouts.loader import BadLayout, read
from virtualschool.accounts.roles import ROLES, FieldGroup

LAYOUT = layouts.current(date(2026, 11, 10))
NO_LINES = Lines(date(2026, 11, 10))  # nothing here waits for one
EVERY = frozenset(Circumstance) - {Circumstance.ALWAYS}
LATER = ["aspirations", "moving_on", "alternative_provision", "reduced_timetable"]
FOR_SCHOOL = {"story_for_school", "languages_and_schooling", "pronouns", "faith_and_culture"}
HELPS = {"helps_at_school", "allergies_and_medicine", "triggers", "calm_plan", "safe_adult"}
SMALL = """
version = "t"
title = "Test"
starts = 2020-01-01
[[section]]
key = "one"
title = "One"
owner = "designated_teacher"
when = "before"
reads = "education"
[[section.field]]
key = "a"
label = "A"
type = "text"
"""


def keys(phase, kind=PepKind.REVIEW, circumstances=EVERY):
    return [section.key for section in LAYOUT.sections_for(Occasion(phase, kind, circumstances))]


def test_the_version_of_the_day_and_the_one_a_pep_was_written_in():
    assert layouts.current(date(2026, 9, 1)).version == "2026_09"
    assert layouts.current(date(2020, 1, 1)).version == "2026_09"
    assert layouts.of_version("2026_09") == LAYOUT


def test_sections_stand_in_the_order_of_their_owners():
    owners = [section.owner for section in LAYOUT]
    assert owners[:5] == [Owner.SOCIAL_WORKER] * 5
    taught = ["education_now", "attendance", "attainment", "additional_needs", "ehc_plan"]
    assert [section.key for section in LAYOUT][5:10] == taught
    assert LAYOUT.section("my_views").owner == Owner.KEY_ADULT
    assert LAYOUT.section("carer_views").owner == Owner.CARER
    assert [section.position for section in LAYOUT] == list(range(1, 21))


def test_what_comes_only_in_its_circumstance():
    assert set(keys("S")) - set(keys("S", circumstances=frozenset())) == {
        "last_targets",
        "moving_on",
        "alternative_provision",
        "reduced_timetable",
        "no_school",
        "arrival",
        "ehc_plan",
    }
    assert "alternative_provision" not in keys("E")


@pytest.mark.parametrize("phase", PepPhase.values)
def test_every_phase_asks_for_something_in_every_section_and_for_attainment_of_its_own(phase):
    for section in LAYOUT.sections_for(Occasion(phase, PepKind.REVIEW, EVERY)):
        assert any(field.required for field in section.fields_for(phase, PepKind.REVIEW)), section.key
    others = {"E": "core_subjects", "P": "core_ks3", "S": "prime_areas", "16": "course_results"}
    asked = {field.key for field in LAYOUT.section("attainment").fields_for(phase, PepKind.REVIEW)}
    assert others[phase] not in asked


def test_the_childs_words_stand_apart_from_what_adults_understood():
    views = LAYOUT.section("my_views")
    assert views.field("my_words").type is FieldType.OWN_WORDS
    assert views.field("what_adults_understood").type is FieldType.LONG_TEXT
    assert {field.reads for field in views.fields} == {FieldGroup.VOICE}


def test_no_reason_is_needed_beside_words_nor_words_beside_a_reason():
    field = LAYOUT.section("my_views").field("my_words")
    assert field.missing({}, NO_LINES) is True
    assert field.missing({"my_words": "I like art"}, NO_LINES) is False
    assert field.missing({"no_words_because": "She was ill all week"}, NO_LINES) is False


def test_no_and_nought_are_answers():
    assert [layouts.empty(value) for value in (None, "", [], 0, False, "No")] == [True, True, True, False, False, False]


@pytest.mark.parametrize(
    ("role", "section", "seen"),
    [
        ("teacher", "child_and_care", FOR_SCHOOL),
        ("teacher", "health_and_wellbeing", HELPS),
        ("coordinator", "my_views", set()),
        ("coordinator", "health_and_wellbeing", HELPS),
        ("iro", "child_and_care", {"legal_status", *FOR_SCHOOL}),
        ("data", "people_and_permissions", set()),
        ("sen", "sign_off", set()),
    ],
)
def test_a_role_sees_the_kinds_of_information_it_reads(role, section, seen):
    fields = LAYOUT.section(section).readable("P", PepKind.REVIEW, ROLES[role].reads)
    assert {field.key for field in fields} == seen


def test_every_owner_reads_what_is_required_of_them():
    roles = {
        Owner.SOCIAL_WORKER: "socialworker",
        Owner.DESIGNATED_TEACHER: "teacher",
        Owner.KEY_ADULT: "teacher",
        Owner.CARER: "socialworker",
    }
    for section in LAYOUT:
        required = {field.reads for field in section.fields if field.required}
        assert required <= ROLES[roles[section.owner]].reads, section.key


def test_address_carer_and_birth_family_are_in_no_layout(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text(SMALL + 'reads = "address"\n')
    with pytest.raises(BadLayout, match="holds no address"):
        read(path)


@pytest.mark.parametrize(
    ("addition", "words"),
    [
        ('unless = "b"\n', "no field 'b'"),
        ('choices = ["x"]\n', "choices belong to a choice"),
        ('phases = ["X"]\n', "X is not known"),
        ('[[section.field]]\nkey = "a"\nlabel = "A"\ntype = "text"\n', "field a comes twice"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(tmp_path, addition, words):
    path = tmp_path / "bad.toml"
    path.write_text(SMALL + addition)
    with pytest.raises(BadLayout, match=words):
        read(path)


def test_what_is_agreed_at_the_meeting_and_after_it():
    by_time = {when: [section.key for section in LAYOUT if section.when is when] for when in When}
    assert by_time[When.AT] == ["meeting", "last_targets", "targets", *LATER]
    assert by_time[When.AFTER] == ["sign_off"]
