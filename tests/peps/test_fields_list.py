"""Every field of the field's own lists has its place, its words, its owner and its readers."""

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from peps import layouts
from peps.enums import Owner, PepKind, PepPhase
from peps.layouts import FieldType, Line, Lines, loader
from peps.models import Pep
from tests.factories.rulebook import set_rule
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup

LAYOUT = layouts.of_version("2026_09")
FIELDS = [(section, field) for section in LAYOUT for field in section.fields]
BARE = ("address", "postcode", "telephone", "phone")
# What school must not read, whatever else of the section it does.
RESTRICTED = {
    ("people_and_permissions", "must_not_collect"),
    ("people_and_permissions", "supervised_contact"),
    ("health_and_wellbeing", "restricted_matters"),
    ("child_and_care", "brothers_and_sisters"),
    ("child_and_care", "change_expected"),
    ("child_and_care", "change_words"),
    ("arrival", "journey_support"),
    ("carer_views", "social_worker_words"),
    ("moving_on", "leaving_care_plan"),
}
# The fields of each numbered section of PEP forms in use, and the keys that answer them: of a question, of a fact of the record,
# or of the models beside (a meeting, a target, an answer of the Virtual School).
ASKED = {
    "front": "pep_kind phase term meeting_cutoff first_pep last_pep next_due virtual_school_lead coordinator state version "
    "left_to_do last_grade last_feedback last_targets",
    "child_and_care": "legal_name known_as pronouns date_of_birth year_group upn uln sex ethnicity first_language interpreter "
    "faith_and_culture came_into_care times_in_care legal_status_code legal_status placement_type placement_since placement_area "
    "change_expected change_words story_for_school languages_and_schooling brothers_and_sisters",
    "arrival": "arrived_on languages schooling_before english_level english_lessons english_money journey_support papers_and_age",
    "people_and_permissions": "social_worker team_manager iro virtual_school_adviser designated_teacher "
    "supervising_social_worker parts supervised_contact who_to_ring who_consents must_not_collect copies_to",
    "health_and_wellbeing": "health_needs allergies_and_medicine health_dates sdq_returned sdq_score sdq_on sdq_by sdq_plan "
    "wellbeing_plan helps_at_school triggers calm_plan safe_adult agencies restricted_matters",
    "no_school": "without_school_since without_school interim_provision interim_hours who_is_looking start_by",
    "education_now": "school_name school_urn school_type school_council school_since full_time inspection safeguarding_met head "
    "key_adult class_teacher hours_offered hours_expected funded_hours two_year_funding eypp_claimed other_settings schools_before "
    "homework study_place clubs reading_at_home courses course_and_provider study_hours work_placement exam_access",
    "attendance": "attendance_percent sessions_possible sessions_authorised sessions_unauthorised sessions_late term_percent "
    "last_year_percent attendance_year attendance_term attendance_last_year suspended_days reduced_timetable_recorded alternative_provision_recorded sessions_lost attendance_plan barriers "
    "barriers_words suspensions",
    "reduced_timetable": "reduced_timetable_recorded reduced_hours reduced_from reduced_review reduced_agreed_by reduced_in_writing reduced_plan",
    "attainment": "prime_areas specific_areas learning_characteristics strengths_and_play two_year_check_on two_year_check "
    "language_screen baseline_done early_learning_goals phonics_score phonics_met multiplication_score key_stage_1 core_subjects "
    "reading_age science chronological_year sats_entry sats_access other_subjects core_ks3 subjects_ks3 options course_results "
    "pass_likelihood other_awards course_progress resits lesson_attendance work_experience bursary apprenticeship destination "
    "destination_on progress on_track attainment_evidence judged_on targets_right targets_right_note done_about_it not_known_yet",
    "additional_needs": "sen_recorded sen_needs sen_status needs needs_by_kind graduated_response reports plan_on plan_council",
    "ehc_plan": "last_annual_review next_annual_review named_placement top_up section_f outcomes joined review_advice review_changes",
    "my_views": "how_given given_on with_whom who_can_see about_me likes_to_play who_i_go_to happy_or_upset my_words "
    "no_words_because what_adults_understood best_and_worst who_helps safe_and_belong friends lessons should_know proud_of do_better "
    "next_steps_i_want coming_to_my_meeting homework_words teachers_who_get_me feel_different after_school one_change after_16 "
    "at_my_meeting last_actions right_course money_and_travel would_tell work_hopes help_me_stay independence shown_back",
    "carer_views": "carer_words carer_not_asked carer_homework carer_needs carer_routine parent_words social_worker_words "
    "reviewing_officer_actions other_words asked",
    "meeting": "held_how child_there key_points decisions",
    "last_targets": "difference_made what_next",
    "targets": "child_chose no_pupil_premium_because other_money",
    "aspirations": "aspirations what_i_know who_i_met step_this_term",
    "moving_on": "next_place moving_plan first_visits school_applied summer_born papers_sent plan_timing preference_made who_signs "
    "open_evenings pupil_passport travel moving_with option_advice careers_talk exam_plan post_16_choices backup_plan "
    "guidance_adviser no_place_risk bursary_told summer_contact after_16_lead next_step identity_needs personal_adviser "
    "leaving_care_plan exam_data_permission preparation next_contact move_expected syllabus_changes",
    "alternative_provision": "alternative_provision_recorded provider agreed_by quality_check back_to_full reviewed_on",
    "sign_off": "child_told shared_with reviewing_officer_sent",
}
COLUMNS = {
    "courses": "subject board code tier coursework exam_on",
    "agencies": "agency worker reason start end",
    "schools_before": "school start end why",
    "suspensions": "start sessions reason day_one tried",
    "provider": "provider registered checks hours subjects visited_on pays start end",
    "course_results": "course working_at predicted target coursework mock entered support",
    "core_ks3": "last now target effort behaviour on_track",
    "core_subjects": "last now end_of_year end_of_stage on_track",
    "prime_areas": "level evidence next",
    "asked": "asked_on answered_on not_asked",
    "decisions": "what who by_when",
    "post_16_choices": "place course interview_on offer",
    "section_f": "line delivered note",
    "brothers_and_sisters": "who where sees agreed",
}


@pytest.mark.parametrize("key", ASKED)
def test_what_the_fields_own_forms_ask_is_asked_or_known(key):
    there = LAYOUT.front if key == "front" else (*LAYOUT.section(key).facts, *LAYOUT.section(key).fields)
    assert set(ASKED[key].split()) - {one.key for one in there} == set()


def test_every_section_is_in_that_list():
    assert {section.key for section in LAYOUT} == set(ASKED) - {"front"}


@pytest.mark.parametrize("table", COLUMNS)
def test_tables_have_the_columns_that_forms_have(table):
    found = next(field for _, field in FIELDS if field.key == table)
    assert [column.key for column in found.columns] == COLUMNS[table].split()


def test_every_field_has_words_an_owner_and_readers():
    for section, field in FIELDS:
        assert field.label.strip(), field.key
        assert section.owner in Owner, section.key
        assert field.reads in FieldGroup, field.key
        assert all(column.label.strip() for column in field.columns), field.key


def test_words_that_people_write_have_an_example():
    assert [field.key for _, field in FIELDS if field.type is FieldType.LONG_TEXT and not field.example] == []


def test_no_key_stands_twice_in_the_list():
    keys = [field.key for _, field in FIELDS]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


def test_nothing_asks_where_a_carer_lives_or_what_number_they_have():
    asked = [field.label for _, field in FIELDS] + [one.label for _, field in FIELDS for one in field.columns]
    assert [words for words in asked if any(bare in words.lower() for bare in BARE)] == []


def test_what_school_must_not_read_is_narrative():
    narrative = {(section.key, field.key) for section, field in FIELDS if field.reads is FieldGroup.NARRATIVE}
    assert narrative == RESTRICTED


@pytest.mark.parametrize(
    ("year", "asked"),
    [
        (0, {"baseline_done", "early_learning_goals"}),
        (1, {"phonics_score", "phonics_met"}),
        (4, {"multiplication_score", "key_stage_1"}),
        (6, {"key_stage_1", "sats_entry", "sats_access"}),
        (9, {"core_ks3", "subjects_ks3", "options"}),
        (11, {"course_results", "pass_likelihood", "other_awards"}),
    ],
)
def test_a_year_is_asked_what_belongs_to_it(year, asked):
    phase = PepPhase.PRIMARY if year < 7 else PepPhase.SECONDARY
    section = LAYOUT.section("attainment")
    fields = section.fields_for(phase, PepKind.REVIEW, year)
    assert {field.key for field in fields if field.years} == asked


class Drawn(Lines):
    """Lines as a test draws them, without the rulebook."""

    def __init__(self, drawn: dict[str, float]) -> None:
        super().__init__(date(2026, 9, 1))
        self.drawn = drawn

    def at(self, line: Line) -> float:
        return self.drawn[line]


def test_a_high_score_asks_for_what_is_done_and_low_attendance_for_a_plan():
    plan, drawn = LAYOUT.section("health_and_wellbeing").field("sdq_plan"), Drawn({"health.sdq.concern": 17})
    asked = [plan.missing({"sdq_score": score}, drawn) for score in (None, 16, 17, "17", True)]
    assert (asked, plan.needed.words(drawn)) == (
        [False, False, True, False, False],
        "Needed when the score is 17 or more.",
    )
    plan, drawn = LAYOUT.section("attendance").field("attendance_plan"), Drawn({"attendance.good": 96.5})
    asked = [plan.missing({"attendance_percent": one}, drawn) for one in (96.5, 96.4)]
    assert (asked, plan.needed.words(drawn)) == ([False, True], "Needed when attendance is below 96.5%.")


@pytest.mark.django_db
def test_the_lines_are_the_rules_of_the_day_on_which_the_pep_was_opened(django_assert_num_queries):
    set_rule(Line.GOOD_ATTENDANCE, 90, from_=date(2027, 1, 1))
    days = (date(2026, 12, 31), date(2027, 1, 1))
    with django_assert_num_queries(2):
        assert [Lines(on).at(Line.GOOD_ATTENDANCE) for on in days] == [95, 90]


def test_few_answers_are_required_of_a_designated_teacher():
    for phase, year in (("E", -1), ("P", 4), ("S", 8), ("S", 11), ("16", 12)):
        for section in LAYOUT:
            required = [one for one in section.fields_for(phase, PepKind.REVIEW, year) if one.required]
            assert len(required) <= 6, section.key


class TestAnotherVersion:
    """A field is added in one place: a new file, from a day on. What was written before opens as it was."""

    @pytest.fixture
    def two(self, tmp_path, monkeypatch):
        was = (Path(loader.HERE) / "2026_09.toml").read_text(encoding="utf-8")
        more = '[[section.field]]\nkey = "new_question"\nlabel = "A new question"\ntype = "text"\n\n'
        at = was.index('[[section.field]]\nkey = "hours_offered"')
        now = (was[:at] + more + was[at:]).replace('"2026_09"', '"2027_09"').replace("2026-09-01", "2027-09-01")
        (tmp_path / "2026_09.toml").write_text(was, encoding="utf-8")
        (tmp_path / "2027_09.toml").write_text(now, encoding="utf-8")
        monkeypatch.setattr(loader, "HERE", tmp_path)
        loader.versions.cache_clear()
        yield
        monkeypatch.undo()
        loader.versions.cache_clear()

    def test_a_pep_is_opened_in_the_version_of_its_day(self, two):
        days = (date(2026, 11, 1), date(2027, 8, 31), date(2027, 9, 1))
        assert [layouts.current(day).version for day in days] == ["2026_09", "2026_09", "2027_09"]

    @pytest.mark.django_db
    @pytest.mark.parametrize(("version", "asked"), [("2026_09", False), ("2027_09", True)])
    def test_it_is_drawn_in_the_version_it_was_written_in(self, two, client, version, asked):
        story = stages.accepted()
        Pep.objects.filter(pk=story.pep.pk).update(layout=version)
        client.force_login(story.people.teacher)
        for page in ("write", "section"):
            text = client.get(reverse(f"peps:{page}", args=[story.section("education_now").uuid])).content.decode()
            assert ("A new question" in text) is asked
