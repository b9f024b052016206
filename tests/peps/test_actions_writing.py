"""Writing: each to their own part, nobody's words lost, the child's words kept."""

import pytest

from peps.actions import opening, writing
from peps.actions.writing import Incomplete, Seen, digest
from peps.enums import Owner, PepState, SectionState, Settle
from peps.models import PepAnswer, PepAuthor, PepSetAside
from tests import personas
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.children import AccessGrantFactory
from tests.peps import stages
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db


def save(story, key, answers, by, seen=None):
    return writing.save_answers(section=story.section(key), answers=answers, seen=seen or {}, by=by)


def value(story, key, field):
    return PepAnswer.objects.get(section__pep=story.pep, section__key=key, field=field).value


def colleague(story):
    """Another teacher of Amy's school."""
    user = UserFactory(role="teacher", name="Colin League")
    MembershipFactory(user=user, organisation=story.people.school.organisation)
    return user


class TestWho:
    @pytest.mark.parametrize(
        ("key", "role", "may"),
        [
            ("child_and_care", "socialworker", True),
            ("child_and_care", "manager", True),
            ("child_and_care", "teacher", False),
            ("child_and_care", "coordinator", False),
            ("education_now", "teacher", True),
            ("education_now", "socialworker", False),
            ("education_now", "ala", False),
            ("my_views", "teacher", True),
            ("my_views", "support", True),
            ("my_views", "coordinator", False),
            ("carer_views", "socialworker", True),
            ("meeting", "coordinator", True),
            ("targets", "coordinator", False),
            ("targets", "iro", False),
        ],
    )
    def test_each_writes_their_own_part(self, key, role, may):
        story = stages.scheduled()
        section = story.section(key)
        given = dict(list(stages.answers(section, story.people[role]).items())[:1])
        if may:
            assert save(story, key, given, story.people[role]).written == list(given)
            return
        with pytest.raises(Refused):
            save(story, key, given, story.people[role])

    @pytest.mark.parametrize("role", ["socialworker", "manager", "teacher", "support"])
    def test_nobody_of_another_child(self, role):
        story = stages.scheduled()
        key = "child_and_care" if role in ("socialworker", "manager") else "my_views"
        with pytest.raises(Refused):
            save(story, key, {}, story.people.outsiders[role])

    def test_who_was_let_in_for_a_matter_reads_and_does_not_write(self):
        story = stages.scheduled()
        other = story.people.outsiders["teacher"]
        AccessGrantFactory(child=story.people.amy, user=other)
        with pytest.raises(Refused):
            save(story, "education_now", {"clubs": "x"}, other)

    def test_nobody_writes_what_their_role_does_not_read(self):
        story = stages.scheduled()
        with pytest.raises(Refused, match="legal_status"):
            save(story, "meeting", {"legal_status": "x"}, story.people.coordinator)

    def test_for_a_child_without_a_school_the_social_worker_and_the_virtual_school_write_the_schools_part(self):
        people = personas.cast()
        people.amy.enrolments.update(end=today())
        opening.open_term_peps(today())
        story = stages.Story(people, people.amy.peps.get())
        assert save(story, "attainment", {"reading_age": "Not known"}, people.socialworker).written == ["reading_age"]
        assert save(story, "attainment", {"science": "Not known"}, people.coordinator).written == ["science"]
        assert story.section("attainment").owner == Owner.SOCIAL_WORKER


class TestSaving:
    def test_the_first_words_begin_the_section_and_the_pep_and_make_an_author(self):
        story = stages.planned()
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        assert (story.again().state, story.section("education_now").state) == (PepState.PREPARING, SectionState.STARTED)
        assert list(PepAuthor.objects.values_list("user", flat=True)) == [story.people.teacher.pk]

    def test_what_was_not_changed_is_not_written(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football", "key_adult": ""}, story.people.teacher)
        shown = {"clubs": Seen(1, digest("Football"))}
        again = save(story, "education_now", {"clubs": "Football"}, story.people.teacher, shown)
        assert (again.written, PepAnswer.objects.count(), PepAnswer.objects.get().version) == ([], 1, 1)

    def test_a_browsers_line_ends_are_no_change(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football\r\nChess"}, story.people.teacher)
        assert value(story, "education_now", "clubs") == "Football\nChess"
        shown = {"clubs": Seen(1, digest("Football\nChess"))}
        assert (
            save(story, "education_now", {"clubs": "Football\r\nChess\r\n"}, story.people.teacher, shown).written == []
        )

    def test_an_answer_may_be_taken_back(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        save(story, "education_now", {"clubs": ""}, story.people.teacher, {"clubs": Seen(1, digest("Football"))})
        assert (value(story, "education_now", "clubs"), PepAnswer.objects.get().version) == ("", 2)

    @pytest.mark.parametrize("stage", [stages.submitted, stages.approved])
    def test_nothing_is_written_once_it_is_sent_in(self, stage):
        story = stage()
        with pytest.raises(Refused, match="nothing is written"):
            save(story, "education_now", {"clubs": "x"}, story.people.teacher)

    def test_a_finished_section_is_opened_again_first(self):
        story = stages.prepared()
        with pytest.raises(Refused, match="Open it again"):
            save(story, "education_now", {"clubs": "x"}, story.people.teacher)
        writing.reopen_section(section=story.section("education_now"), by=story.people.teacher)
        shown = {"clubs": Seen(1, digest(value(story, "education_now", "clubs")))}
        assert save(story, "education_now", {"clubs": "Chess"}, story.people.teacher, shown).written == ["clubs"]


class TestTwoWriters:
    def test_different_fields_are_both_kept(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        save(story, "education_now", {"clubs": "", "key_adult": "Ms A"}, colleague(story), {"clubs": Seen(0, "")})
        assert (value(story, "education_now", "clubs"), value(story, "education_now", "key_adult")) == (
            "Football",
            "Ms A",
        )

    def test_the_same_field_is_set_aside_and_nothing_is_lost(self):
        story = stages.scheduled()
        second = colleague(story)
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        saved = save(story, "education_now", {"clubs": "Chess", "key_adult": "Ms A"}, second)
        assert (saved.written, [aside.value for aside in saved.set_aside]) == (["key_adult"], ["Chess"])
        assert value(story, "education_now", "clubs") == "Football"
        assert PepSetAside.objects.get().by == second

    def test_the_same_words_are_no_conflict(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        assert save(story, "education_now", {"clubs": "Football"}, colleague(story)).set_aside == []

    @pytest.mark.parametrize(
        ("choice", "stands"),
        [(Settle.STANDING, "Football"), (Settle.ASIDE, "Chess"), (Settle.BOTH, "Football\n\nChess")],
    )
    def test_one_is_chosen(self, choice, stands):
        story = stages.scheduled()
        second = colleague(story)
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        aside = save(story, "education_now", {"clubs": "Chess"}, second).set_aside[0]
        writing.settle(aside=aside, choice=choice, by=second)
        assert (value(story, "education_now", "clubs"), PepSetAside.objects.exists()) == (stands, False)

    def test_whoever_may_write_chooses_once_and_nobody_else(self):
        story = stages.scheduled()
        save(story, "education_now", {"clubs": "Football"}, story.people.teacher)
        aside = save(story, "education_now", {"clubs": "Chess"}, colleague(story)).set_aside[0]
        with pytest.raises(Refused):
            writing.settle(aside=aside, choice=Settle.ASIDE, by=story.people.socialworker)
        writing.settle(aside=aside, choice=Settle.STANDING, by=story.people.teacher)
        with pytest.raises(Conflict):
            writing.settle(aside=aside, choice=Settle.ASIDE, by=story.people.teacher)

    def test_a_section_is_not_finished_over_a_choice_that_waits(self):
        story = stages.scheduled()
        second = colleague(story)
        stages.fill(story, "education_now", finish=False)
        save(story, "education_now", {"clubs": "Chess"}, second)
        with pytest.raises(Conflict, match="Choose between them"):
            writing.complete_section(section=story.section("education_now"), by=story.people.teacher)


class TestChildsWords:
    def test_nobody_changes_them_but_who_wrote_them_down(self):
        story = stages.scheduled()
        save(story, "my_views", {"my_words": "I like maths"}, story.people.teacher)
        shown = {"my_words": Seen(1, digest("I like maths"))}
        with pytest.raises(Refused, match="own words"):
            save(story, "my_views", {"my_words": "She enjoys mathematics"}, story.people.socialworker, shown)
        assert save(story, "my_views", {"my_words": "I like maths!"}, story.people.teacher, shown).written == [
            "my_words"
        ]

    def test_what_adults_understood_is_theirs_to_change(self):
        story = stages.scheduled()
        save(story, "my_views", {"what_adults_understood": "Wants quiet"}, story.people.teacher)
        shown = {"what_adults_understood": Seen(1, digest("Wants quiet"))}
        given = {"what_adults_understood": "Wants quiet mornings"}
        assert save(story, "my_views", given, story.people.socialworker, shown).written == ["what_adults_understood"]

    def test_two_records_of_them_may_both_stand_but_none_replaces_the_other(self):
        story = stages.scheduled()
        save(story, "my_views", {"my_words": "I like maths"}, story.people.teacher)
        aside = save(story, "my_views", {"my_words": "I miss my dog"}, story.people.socialworker).set_aside[0]
        with pytest.raises(Refused, match="own words"):
            writing.settle(aside=aside, choice=Settle.ASIDE, by=story.people.socialworker)
        writing.settle(aside=aside, choice=Settle.BOTH, by=story.people.socialworker)
        assert value(story, "my_views", "my_words") == "I like maths\n\nI miss my dog"

    def test_whoever_chose_to_keep_both_takes_neither_and_nobody_changes_them_after(self):
        story = stages.scheduled()
        people = story.people
        save(story, "my_views", {"my_words": "I like maths"}, people.teacher)
        aside = save(story, "my_views", {"my_words": "I miss my dog"}, people.socialworker).set_aside[0]
        writing.settle(aside=aside, choice=Settle.BOTH, by=people.socialworker)
        answer = PepAnswer.objects.get(section__pep=story.pep, field="my_words")
        assert (answer.written_by, answer.writers) == (
            people.teacher,
            f"{people.teacher}, {people.socialworker}",
        )
        shown = {"my_words": Seen(answer.version, digest(answer.value))}
        for user in (people.teacher, people.socialworker):
            with pytest.raises(Refused, match="own words"):
                save(story, "my_views", {"my_words": "Something else"}, user, shown)

    def test_a_record_that_takes_the_others_place_names_who_wrote_it_down(self):
        story = stages.scheduled()
        save(story, "my_views", {"my_words": "I like maths"}, story.people.teacher)
        aside = save(story, "my_views", {"my_words": "I miss my dog"}, story.people.socialworker).set_aside[0]
        writing.settle(aside=aside, choice=Settle.ASIDE, by=story.people.teacher)
        answer = PepAnswer.objects.get(section__pep=story.pep, field="my_words")
        assert (answer.value, answer.written_by) == ("I miss my dog", story.people.socialworker)


class TestFinishing:
    def test_says_what_is_still_to_be_answered(self):
        story = stages.scheduled()
        save(story, "additional_needs", {"sen_status": "None known"}, story.people.teacher)
        with pytest.raises(Incomplete) as told:
            writing.complete_section(section=story.section("additional_needs"), by=story.people.teacher)
        assert [field.key for field in told.value.fields] == ["needs"]

    def test_names_who_finished_it(self):
        story = stages.scheduled()
        section = stages.fill(story, "education_now")
        assert (section.state, section.completed_by) == (SectionState.COMPLETE, story.people.teacher)

    def test_what_is_agreed_at_the_meeting_is_drafted_before_and_finished_after(self):
        story = stages.accepted()
        stages.fill(story, "targets", finish=False)
        with pytest.raises(Refused, match="agreed at the meeting"):
            writing.complete_section(section=story.section("targets"), by=story.people.teacher)
        stages.held(story)
        assert (
            writing.complete_section(section=story.section("targets"), by=story.people.teacher).state
            == SectionState.COMPLETE
        )

    def test_what_is_written_after_the_meeting_is_not_written_before(self):
        story = stages.accepted()
        with pytest.raises(Refused, match="when the meeting has been held"):
            save(story, "sign_off", {"child_told": "By her key adult"}, story.people.teacher)


class TestAdding:
    def test_the_school_adds_a_section_for_what_has_come_up(self):
        story = stages.scheduled()
        section = writing.add_section(pep=story.pep, key="alternative_provision", by=story.people.teacher)
        assert (section.owner, section.position) == (Owner.DESIGNATED_TEACHER, 18)
        with pytest.raises(Conflict):
            writing.add_section(pep=story.pep, key="alternative_provision", by=story.people.teacher)

    @pytest.mark.parametrize("key", ["health_and_wellbeing", "last_targets", "nothing"])
    def test_none_that_the_layout_does_not_leave_open(self, key):
        story = stages.scheduled()
        with pytest.raises(Refused, match="no such section"):
            writing.add_section(pep=story.pep, key=key, by=story.people.teacher)

    def test_not_by_the_social_worker(self):
        story = stages.scheduled()
        with pytest.raises(Refused):
            writing.add_section(pep=story.pep, key="moving_on", by=story.people.socialworker)
