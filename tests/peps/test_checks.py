"""What the night finds in PEPs, and until when it does not."""

from datetime import date, timedelta

import pytest

from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert, Child
from peps.actions import meetings, opening
from peps.enums import PepState, Seat
from peps.models import PepSection
from tests import personas
from tests.factories.children import CareEpisodeFactory, ChildFactory, PeriodOfCareFactory, born_for_year
from tests.factories.peps import MeetingInvitationFactory, PepFactory, PepMeetingFactory, PepSectionFactory
from tests.peps import stages
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DEVON = "Devon Virtual School: information for IROs and social workers"


def find(name, on):
    return list(CHECKS[name].find(on=on, children=Child.objects.on_roll(on)))


def counts(name, on):
    return engine.run_check(CHECKS[name], on).as_dict()


class TestInitialOverdue:
    NAME = "pep.initial_overdue"

    @pytest.fixture
    def pep(self):
        child = ChildFactory(date_of_birth=born_for_year(9), known_from=date(2026, 11, 2))
        period = PeriodOfCareFactory(child=child, start=date(2026, 11, 2))
        CareEpisodeFactory(child=child, period=period, start=period.start)
        return opening.open_initial(period=period)

    def test_due_on_a_day_is_overdue_from_the_day_after(self, pep):
        assert pep.due_on == date(2026, 11, 16)
        assert find(self.NAME, date(2026, 11, 16)) == []
        (finding,) = find(self.NAME, date(2026, 11, 17))
        assert (finding.child_id, finding.natural_key) == (pep.child_id, f"clock:{pep.clock_id}")
        assert finding.evidence == {
            "sentence": "The initial PEP was due on 16 November 2026",
            "facts": [
                {"on": "2026-11-02", "words": "Came into care", "href": ""},
                {"on": "2026-11-16", "words": "Initial PEP due", "href": pep.get_absolute_url()},
            ],
            "clock": pep.clock_id,
        }

    def test_twice_opens_nothing_the_second_time_and_a_cancelled_pep_resolves(self, pep):
        night = date(2026, 11, 17)
        assert counts(self.NAME, night) == {"opened": 1, "updated": 0, "unchanged": 0, "resolved": 0}
        assert counts(self.NAME, night) == {"opened": 0, "updated": 0, "unchanged": 1, "resolved": 0}
        opening.end_pep(pep=pep, why="Opened by mistake")
        assert counts(self.NAME, night + timedelta(days=1))["resolved"] == 1

    def test_not_once_its_meeting_was_held(self):
        people = personas.cast()
        people.amy.periods_of_care.update(start=today())
        pep = opening.open_initial(period=people.amy.periods_of_care.get())
        stages.held(stages.accepted(stages.scheduled(stages.Story(people, pep))))
        assert find(self.NAME, date(2026, 12, 20)) == []


class TestNoneThisTerm:
    NAME = "pep.none_this_term"
    LAST, AFTER = date(2026, 11, 28), date(2026, 11, 29)

    def test_after_the_terms_last_day_without_a_meeting_held(self):
        story = stages.planned()
        assert find(self.NAME, self.LAST) == []
        found = {one.child_id: one for one in find(self.NAME, self.AFTER)}
        assert set(found) == {story.people.amy.pk, story.people.bob.pk}
        amy = found[story.people.amy.pk]
        assert amy.natural_key == f"term:{story.people.amy.pk}:2026:autumn"
        assert amy.evidence["sentence"] == "No PEP was held in the autumn term 2026/27 by 28 November 2026"
        assert [fact["words"] for fact in amy.evidence["facts"]] == [
            "PEP opened, not yet held",
            "Last day of the term's PEP meetings",
        ]

    def test_a_child_without_any_pep_is_found(self):
        child = ChildFactory(in_care=True)
        assert [one.child_id for one in find(self.NAME, self.AFTER)] == [child.pk]

    @pytest.mark.parametrize(
        "state", [PepState.MEETING_HELD, PepState.SUBMITTED, PepState.COMPLETE, PepState.SUPERSEDED]
    )
    def test_not_with_a_meeting_held(self, state):
        child = ChildFactory(in_care=True)
        PepFactory(child=child, period=child.periods_of_care.get(), state=state, completed_on=today())
        assert find(self.NAME, self.AFTER) == []

    @pytest.mark.parametrize(
        "facts",
        [
            {"known_from": date(2026, 12, 1)},
            {"last_pep_before_go_live": date(2026, 9, 20)},
            {"date_of_birth": date(2023, 11, 29)},
            {"date_of_birth": date(2008, 11, 29)},
        ],
    )
    def test_never_what_nobody_owed_here(self, facts):
        ChildFactory(in_care=True, **facts)
        assert find(self.NAME, self.AFTER) == []

    def test_not_while_an_initial_pep_of_the_term_runs(self):
        child = ChildFactory(in_care=True)
        PepFactory(child=child, period=child.periods_of_care.get(), kind="initial", due_on=self.LAST)
        assert find(self.NAME, self.AFTER) == []

    def test_not_for_short_breaks_nor_for_care_that_began_after_the_last_day(self):
        ChildFactory(in_short_breaks=True)
        PeriodOfCareFactory(start=self.AFTER)
        assert find(self.NAME, self.AFTER + timedelta(days=1)) == []

    def test_the_next_terms_first_nights_find_none(self):
        ChildFactory(in_care=True)
        assert find(self.NAME, date(2027, 1, 8)) == []


class TestSectionOverdue:
    NAME = "pep.section_overdue"

    def test_one_finding_for_each_owner_with_all_of_theirs(self):
        story = stages.scheduled(on=today() + timedelta(days=10))
        assert find(self.NAME, today()) == []
        found = {one.natural_key: one for one in find(self.NAME, today() + timedelta(days=1))}
        assert set(found) == {f"pep:{story.pep.pk}:social_worker", f"pep:{story.pep.pk}:carer"}
        workers = found[f"pep:{story.pep.pk}:social_worker"]
        assert workers.evidence["sentence"] == "3 sections of the social worker not finished"
        assert workers.evidence["sections"] == ["child_and_care", "people_and_permissions", "health_and_wellbeing"]
        owners = {one.natural_key.rpartition(":")[2] for one in find(self.NAME, today() + timedelta(days=11))}
        assert owners == {"social_worker", "designated_teacher", "key_adult", "carer"}

    def test_not_what_is_finished_nor_of_a_pep_that_waits_for_a_new_meeting(self):
        story = stages.scheduled()
        tomorrow = today() + timedelta(days=1)
        PepSection.objects.filter(owner="social_worker").update(state="complete")
        assert "social_worker" not in str([one.natural_key for one in find(self.NAME, tomorrow)])
        meetings.rearrange_meeting(meeting=story.meeting, why="x", by=story.people.coordinator)
        assert find(self.NAME, tomorrow) == []

    def test_of_a_returned_pep_only_what_was_returned(self):
        story = stages.returned(sections=("targets",))
        PepSection.objects.filter(pep=story.pep, key="education_now").update(state="started")
        PepSection.objects.filter(pep=story.pep).update(due_on=today())
        found = find(self.NAME, today() + timedelta(days=1))
        assert [one.evidence["sections"] for one in found] == [["targets"]]


class TestApprovalOverdue:
    NAME = "pep.approval_overdue"

    def test_sent_in_and_not_answered(self):
        story = stages.submitted()
        assert find(self.NAME, story.pep.due_on) == []
        (finding,) = find(self.NAME, story.pep.due_on + timedelta(days=1))
        assert (finding.natural_key, finding.rule_id) == (f"pep:{story.pep.pk}:1", story.pep.clock.rule_id)
        assert finding.evidence["sentence"] == "An answer to the PEP was due on 24 November 2026"

    @pytest.mark.parametrize("stage", [stages.returned, stages.approved])
    def test_not_once_answered(self, stage):
        stage()
        assert find(self.NAME, date(2027, 1, 1)) == []


class TestMeetingWithoutSocialWorker:
    NAME = "pep.meeting_without_social_worker"

    def test_declined_and_not_rearranged(self):
        story = stages.scheduled()
        assert find(self.NAME, today()) == []
        meetings.respond_to_invitation(
            invitation=story.invitation(Seat.SOCIAL_WORKER), accept=False, why="In court", by=story.people.socialworker
        )
        (finding,) = find(self.NAME, today())
        assert finding.natural_key == f"meeting:{story.meeting.pk}"
        assert finding.evidence["sentence"] == "The social worker cannot come to the meeting of 10 November 2026"
        assert "In court" not in str(finding.evidence)
        engine.run_check(CHECKS[self.NAME], today())
        assert Alert.objects.get().rule.source == DEVON
        meetings.rearrange_meeting(
            meeting=story.meeting, why="x", by=story.people.coordinator, starts_at=stages.at(today())
        )
        assert find(self.NAME, today()) == []

    def test_nobody_invited(self):
        child = ChildFactory(in_care=True)
        PepMeetingFactory(pep__child=child, pep__period=child.periods_of_care.get())
        assert len(find(self.NAME, today())) == 1


class TestRearrangeOverdue:
    NAME = "pep.rearrange_overdue"
    DUE = date(2026, 11, 24)

    @pytest.fixture
    def story(self):
        story = stages.scheduled()
        meetings.rearrange_meeting(meeting=story.meeting, why="In court", by=story.people.coordinator)
        return story

    def test_nobody_planned_another(self, story):
        assert find(self.NAME, self.DUE) == []
        (finding,) = find(self.NAME, self.DUE + timedelta(days=1))
        assert finding.child_id == story.people.amy.pk
        assert finding.evidence["sentence"] == "Another PEP meeting was to be planned by 24 November 2026"
        assert [(fact["words"], fact["href"]) for fact in finding.evidence["facts"]] == [
            ("A meeting could not be held", ""),
            ("Another meeting due", story.pep.get_absolute_url()),
        ]

    def test_not_once_another_is_planned(self, story):
        stages.scheduled(story)
        assert find(self.NAME, date(2026, 12, 20)) == []

    def test_twice_opens_nothing_the_second_time(self, story):
        night = self.DUE + timedelta(days=1)
        assert counts(self.NAME, night)["opened"] == 1
        assert counts(self.NAME, night) == {"opened": 0, "updated": 0, "unchanged": 1, "resolved": 0}


@pytest.mark.parametrize("name", sorted(name for name in CHECKS if name.startswith("pep.")))
def test_as_many_queries_for_one_child_as_for_many(name, django_assert_max_num_queries):
    for _ in range(3):
        child = ChildFactory(in_care=True)
        pep = PepFactory(
            child=child, period=child.periods_of_care.get(), state=PepState.PREPARING, due_on=date(2026, 11, 1)
        )
        PepSectionFactory(pep=pep, due_on=date(2026, 11, 1))
        MeetingInvitationFactory(meeting=PepMeetingFactory(pep=pep), user=None)
    with django_assert_max_num_queries(8):
        find(name, date(2026, 11, 30))
