"""The PEP's pages: who opens which, what they show to whom, and that a stranger finds nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse

from children.models import Clock
from peps.actions import meetings, opening
from peps.enums import Seat
from peps.models import Pep, PepAnswer
from tests.factories.children import ChildFactory
from tests.factories.peps import PepAuthorFactory, PepCostFactory, PepFactory
from tests.peps import stages
from tests.searching import search
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today
from virtualschool.overview.homes import planning

pytestmark = pytest.mark.django_db
READERS = {"vsh", "ala", "coordinator", "support", "socialworker", "manager", "iro", "teacher"}
ROLES = READERS | {"sen", "admissions", "data", "dpo"}


def page(client, user, name, *args, **data):
    client.force_login(user)
    return client.get(reverse(f"peps:{name}", args=args), data)


def post(client, user, name, *args, **data):
    client.force_login(user)
    return client.post(reverse(f"peps:{name}", args=args), data)


def text(response) -> str:
    return response.content.decode()


class TestWhoOpensWhat:
    @pytest.mark.parametrize("name", ["detail", "read", "targets", "quality"])
    def test_every_reader_reads_and_nobody_else_knows_of_it(self, client, name):
        story = stages.submitted()
        pep = story.pep.uuid
        found = {role: page(client, story.people[role], name, pep).status_code for role in ROLES}
        assert found == {role: 200 if role in READERS else 404 for role in ROLES}
        outside = {role: page(client, user, name, pep).status_code for role, user in story.people.outsiders.items()}
        assert outside == dict.fromkeys(story.people.outsiders, 404)

    @pytest.mark.parametrize(
        ("name", "may"),
        [
            ("schedule", {"vsh", "coordinator", "support", "teacher"}),
            ("cancel", {"vsh", "coordinator", "support"}),
            ("target_add", {"teacher"}),
        ],
    )
    def test_forms_open_to_whose_work_it_is(self, client, name, may):
        story = stages.planned()
        found = {role for role in READERS if page(client, story.people[role], name, story.pep.uuid).status_code == 200}
        refused = {
            role for role in READERS if page(client, story.people[role], name, story.pep.uuid).status_code == 403
        }
        assert (found, refused) == (may, READERS - may)

    @pytest.mark.parametrize("name", ["rearrange", "hold", "invite"])
    def test_the_meetings_pages(self, client, name):
        story = stages.accepted()
        may = {"vsh", "coordinator", "support", "teacher"}
        may |= {"socialworker", "manager", "ala"} if name == "hold" else set()
        found = {
            role for role in READERS if page(client, story.people[role], name, story.meeting.uuid).status_code == 200
        }
        assert found == may
        outside = {page(client, user, name, story.meeting.uuid).status_code for user in story.people.outsiders.values()}
        assert outside == {404}

    def test_an_invitation_is_answered_by_its_person(self, client):
        story = stages.scheduled()
        one = story.invitation(Seat.SOCIAL_WORKER).uuid
        found = {role: page(client, story.people[role], "answer", one).status_code for role in ROLES}
        assert found == {role: 404 if role not in READERS else 200 if role == "socialworker" else 403 for role in ROLES}

    @pytest.mark.parametrize(
        ("key", "writers", "readers"),
        [
            ("child_and_care", {"socialworker", "manager"}, READERS),
            ("my_views", {"socialworker", "manager", "teacher", "support", "ala", "vsh"}, READERS - {"coordinator"}),
            ("education_now", {"teacher"}, READERS),
        ],
    )
    def test_sections_are_read_and_written_by_kind(self, client, key, writers, readers):
        story = stages.scheduled()
        section = story.section(key).uuid
        assert {
            role for role in READERS if page(client, story.people[role], "section", section).status_code == 200
        } == readers
        assert {
            role for role in READERS if page(client, story.people[role], "write", section).status_code == 200
        } == writers

    def test_answering_a_pep_is_the_advocates(self, client):
        story = stages.submitted()
        facts = stages.answer_form(story.pep, "red", decision="return", sections=["targets"])
        found = {
            role: post(client, story.people[role], "grade", story.pep.uuid, **facts).status_code
            for role in READERS - {"ala", "vsh"}
        }
        assert set(found.values()) == {403}
        assert post(client, story.people.ala, "grade", story.pep.uuid, **facts).status_code == 302

    def test_signed_out_nobody_reads(self, client):
        story = stages.planned()
        assert client.get(story.pep.get_absolute_url()).status_code == 302


class TestWhatIsShown:
    def test_a_designated_teacher_sees_of_the_social_workers_part_only_what_is_for_school(self, client):
        story = stages.prepared()
        section = story.section("child_and_care")
        PepAnswer.objects.filter(section=section, field="legal_status").update(value="SECRETLEGAL")
        PepAnswer.objects.filter(section=section, field="story_for_school").update(value="FORSCHOOL")
        for name, argument in (("section", section.uuid), ("read", story.pep.uuid)):
            teacher = text(page(client, story.people.teacher, name, argument))
            assert ("SECRETLEGAL" in teacher, "FORSCHOOL" in teacher) == (False, True)
            worker = text(page(client, story.people.socialworker, name, argument))
            assert ("SECRETLEGAL" in worker, "FORSCHOOL" in worker) == (True, True)

    @pytest.mark.parametrize(("role", "sees"), [("iro", True), ("teacher", True), ("coordinator", False)])
    def test_the_childs_words_only_to_roles_that_read_voice(self, client, role, sees):
        story = stages.prepared()
        PepAnswer.objects.filter(field="my_words").update(value="MYVERYOWNWORDS")
        assert ("MYVERYOWNWORDS" in text(page(client, story.people[role], "read", story.pep.uuid))) is sees

    @pytest.mark.parametrize(
        ("role", "sees"), [("iro", False), ("teacher", False), ("socialworker", True), ("ala", True)]
    )
    def test_health_only_to_roles_that_read_health(self, client, role, sees):
        story = stages.prepared()
        PepAnswer.objects.filter(field="health_needs").update(value="HEALTHDETAIL")
        assert ("HEALTHDETAIL" in text(page(client, story.people[role], "read", story.pep.uuid))) is sees

    @pytest.mark.parametrize(
        ("role", "sees"), [("iro", False), ("coordinator", False), ("teacher", True), ("ala", True)]
    )
    def test_money_only_to_roles_that_read_money(self, client, role, sees):
        story = stages.written()
        for name in ("read", "targets"):
            assert ("Reading tuition" in text(page(client, story.people[role], name, story.pep.uuid))) is sees

    @pytest.mark.parametrize("role", sorted(READERS))
    def test_carer_and_address_nowhere(self, client, role):
        story = stages.submitted()
        shown = "".join(
            text(page(client, story.people[role], name, argument))
            for name, argument in (
                ("detail", story.pep.uuid),
                ("read", story.pep.uuid),
                ("meeting", story.meeting.uuid),
            )
        )
        assert [word for word in ("Secretname", "Hidden Lane", "ZZ9 9ZZ") if word in shown] == []

    def test_the_access_log_says_which_kinds_were_shown(self, client):
        story = stages.prepared()
        page(client, story.people.iro, "read", story.pep.uuid)
        row = AccessLog.objects.latest("id")
        assert (row.child_ids, "voice" in row.fields, "health" in row.fields) == ([story.people.amy.pk], True, False)


class TestNextSteps:
    def test_a_page_offers_what_the_action_lets_and_tells_why_not(self, client):
        story = stages.scheduled()
        meetings.respond_to_invitation(
            invitation=story.invitation(Seat.SOCIAL_WORKER), accept=False, why="In court", by=story.people.socialworker
        )
        shown = page(client, story.people.coordinator, "detail", story.pep.uuid).context
        assert [step["text"] for step in shown["actions"]] == ["Rearrange the meeting", "Cancel this PEP"]
        assert [(step["text"], step["reason"]) for step in shown["refused"]] == [
            ("Record that the meeting was held", "The social worker cannot come, so the meeting has to be rearranged.")
        ]
        assert shown["refused"][0]["source"] == "Devon Virtual School: information for IROs and social workers"

    @pytest.mark.parametrize(
        ("stage", "role", "offers"),
        [
            (stages.planned, "coordinator", ["Plan the meeting", "Cancel this PEP"]),
            (stages.planned, "socialworker", []),
            (stages.accepted, "teacher", ["Record that the meeting was held", "Rearrange the meeting"]),
            (stages.held, "teacher", ["Send the PEP in"]),
            (stages.submitted, "teacher", []),
            (stages.submitted, "ala", ["Quality-assure this PEP", "Take it up"]),
            (stages.returned, "teacher", ["Send the PEP in"]),
            (stages.approved, "vsh", ["Change this completed PEP"]),
            (stages.approved, "teacher", []),
        ],
    )
    def test_each_role_at_each_stage(self, client, stage, role, offers):
        story = stage()
        shown = page(client, story.people[role], "detail", story.pep.uuid).context
        assert [step["text"] for step in shown["actions"]] == offers

    @pytest.mark.parametrize(
        ("stage", "role", "offers"),
        [
            (
                stages.scheduled,
                "socialworker",
                ["Answer the invitation", "Run the meeting", "Record that the meeting was held"],
            ),
            (
                stages.accepted,
                "socialworker",
                ["Run the meeting", "Record that the meeting was held", "Change your answer"],
            ),
            (
                stages.accepted,
                "coordinator",
                [
                    "Answer the invitation",
                    "Run the meeting",
                    "Record that the meeting was held",
                    "Rearrange the meeting",
                    "Invite somebody else",
                ],
            ),
            (stages.accepted, "iro", []),
            (stages.held, "teacher", ["Book the next meeting", "The meeting’s page", "The child’s summary"]),
        ],
    )
    def test_a_meetings_page_has_one_green_button(self, client, stage, role, offers):
        story = stage()
        response = page(client, story.people[role], "meeting", story.meeting.uuid)
        actions = response.context["actions"]
        assert [step["text"] for step in actions] == offers
        assert [step["kind"] for step in actions] == ["", *["secondary"] * (len(offers) - 1)][: len(offers)]

    def test_says_who_still_owes_what(self, client):
        story = stages.scheduled()
        progress = page(client, story.people.coordinator, "detail", story.pep.uuid).context["progress"]
        assert [part["name"] for part in progress][:4] == [
            "Social worker: Sam Worker",
            "Designated teacher: Tess Teacher",
            "Key adult with the child",
            "Carer",
        ]

    def test_the_clock_leads_to_how_it_was_worked_out(self, client):
        story = stages.submitted()
        due = page(client, story.people.ala, "detail", story.pep.uuid).context["due"]
        assert (due["label"], due["clock"]["href"]) == ("Answer due by", story.pep.clock.get_absolute_url())

    def test_a_meeting_to_be_held_again_has_its_own_date(self, client):
        story = stages.scheduled()
        assert page(client, story.people.coordinator, "detail", story.pep.uuid).context["again"] is None
        meetings.rearrange_meeting(meeting=story.meeting, why="In court", by=story.people.coordinator)
        response = page(client, story.people.coordinator, "detail", story.pep.uuid)
        clock = Clock.objects.get(rule__key="pep.rearrange")
        again = response.context["again"]
        assert (again["clock"]["due_on"], again["clock"]["href"]) == (clock.due_on, clock.get_absolute_url())
        assert "New meeting to be planned by" in text(response)
        assert "A meeting that could not be held is held again" in text(response)
        assert client.get(clock.get_absolute_url()).status_code == 200
        assert clock.get_absolute_url() in text(client.get(story.people.amy.get_absolute_url()))

    def test_a_termly_peps_date_leads_to_its_rule(self, client):
        story = stages.planned()
        due = page(client, story.people.ala, "detail", story.pep.uuid).context["due"]
        assert due["clock"]["href"] == reverse("rulebook:detail", args=["pep.term_cutoff"])


class TestLists:
    def test_only_peps_of_children_within_reach(self, client):
        story = stages.planned()
        for role, count in (("coordinator", 2), ("teacher", 1), ("iro", 1)):
            assert page(client, story.people[role], "list").context["pages"].total == count
        assert page(client, story.people.data, "list").status_code == 403

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"state": "planned"}, {"Amy", "Bob"}),
            ({"state": ["preparing", "submitted"]}, set()),
            ({"term": "2026-autumn"}, {"Amy", "Bob"}),
            ({"term": "2025-autumn"}, set()),
            ({"year": "9"}, {"Bob"}),
            ({"school": "Amy's"}, {"Amy"}),
            ({"overdue": "yes"}, {"Bob"}),
            ({"mine": "yes"}, {"Amy"}),
            ({"state": "nonsense"}, set()),
        ],
    )
    def test_filters(self, client, query, found):
        story = stages.planned()
        Pep.objects.filter(child=story.people.bob).update(due_on=today() - timedelta(days=1))
        story.people.bob.relationships.filter(kind="coordinator").delete()
        rows = page(client, story.people.coordinator, "list", **query).context["pages"].rows
        assert {pep.child.first_names for pep in rows} == found

    def test_by_the_childs_name_which_is_posted(self, client):
        story = stages.planned()
        client.force_login(story.people.coordinator)
        for words, found in (("bob mad", ["Bob"]), (story.people.amy.child_id, ["Amy"]), ("zzz", [])):
            rows = search(client, reverse("peps:list"), words, state="planned").context["pages"].rows
            assert [pep.child.first_names for pep in rows] == found

    def test_what_waits_for_ones_answer_is_what_home_counts(self, client):
        story = stages.submitted()
        ala, vsh = story.people.ala, story.people.vsh
        PepAuthorFactory(pep=story.pep, user=vsh)
        found = {user.role: page(client, user, "list", to_grade="yes").context["pages"].total for user in (ala, vsh)}
        assert found == {user.role: planning.peps_in_qa(user).count for user in (ala, vsh)} == {"ala": 1, "vsh": 0}
        assert planning.peps_in_qa(ala).href == f"{reverse('peps:list')}?to_grade=yes"

    @pytest.mark.parametrize(("role", "offered"), [("ala", True), ("vsh", True), ("coordinator", False)])
    def test_only_those_who_answer_peps_are_asked_whether_one_waits_for_them(self, client, role, offered):
        user = stages.planned().people[role]
        assert ("to_grade" in page(client, user, "list").context["filter"].form.fields) is offered

    def test_the_open_one_stands_above_what_is_over(self, client):
        story = stages.planned()
        amy, period = story.people.amy, story.pep.period
        later = {"due_on": story.pep.due_on + timedelta(days=5), "opened_on": today() + timedelta(days=1)}
        over = PepFactory(child=amy, period=period, cancelled=True, **later)
        rows = page(client, story.people.teacher, "list").context["pages"].rows
        assert [pep.pk for pep in rows] == [story.pep.pk, over.pk]
        shown = text(client.get(amy.get_absolute_url()))
        assert shown.index(story.pep.get_absolute_url()) < shown.index(over.get_absolute_url())

    def test_what_is_due_is_open_and_in_order(self, client):
        story = stages.planned()
        Pep.objects.filter(child=story.people.bob).update(due_on=today() - timedelta(days=1))
        PepFactory(child=story.people.amy, period=story.people.amy.periods_of_care.get(), complete=True)
        rows = page(client, story.people.coordinator, "due").context["pages"].rows
        assert [pep.child.first_names for pep in rows] == ["Bob", "Amy"]

    @pytest.mark.parametrize("name", ["list", "due"])
    def test_one_row_and_fifty_under_one_count(self, client, name, django_assert_num_queries):
        story = stages.planned()
        client.force_login(story.people.coordinator)
        url = reverse(f"peps:{name}")
        client.get(url)
        for rows in (0, 48):
            ChildFactory.create_batch(rows, in_care=True, school=story.people.school)
            opening.open_term_peps(today())
            with django_assert_num_queries(QUERIES[name]):
                assert client.get(url).status_code == 200


QUERIES = {"list": 10, "due": 9}  # the list asks whose meeting the reader may plan


class TestDetailQueries:
    @pytest.mark.parametrize(("name", "most"), [("detail", 26), ("read", 49)])
    def test_as_many_for_a_bare_pep_as_for_a_full_one(self, client, name, most, django_assert_max_num_queries):
        story = stages.submitted()
        PepCostFactory.create_batch(5, target=story.target)
        client.force_login(story.people.ala)
        url = reverse(f"peps:{name}", args=[story.pep.uuid])
        client.get(url)
        with django_assert_max_num_queries(most):
            client.get(url)


class TestOpeningByHand:
    def test_a_coordinator_opens_one(self, client):
        story = stages.planned()
        due = today() + timedelta(days=10)
        facts = {"kind": "sen_joined", "why": "With the annual review"}
        day = {"due_on-day": due.day, "due_on-month": due.month, "due_on-year": due.year}
        response = post(client, story.people.coordinator, "open", story.people.amy.uuid, **facts, **day)
        made = Pep.objects.get(kind="sen_joined")
        assert (response.status_code, response.url, made.due_on) == (302, made.get_absolute_url(), due)
        again = post(client, story.people.coordinator, "open", story.people.amy.uuid, **facts, **day)
        assert "already" in text(again)

    def test_not_for_a_child_out_of_reach(self, client):
        story = stages.planned()
        assert page(client, story.people.outsiders["support"], "open", story.people.amy.uuid).status_code == 404
        assert page(client, story.people.teacher, "open", story.people.amy.uuid).status_code == 403


def test_a_former_social_worker_no_longer_finds_the_pep(client):
    story = stages.planned()
    worker = story.people.socialworker
    worker.relationships.update(end=today())
    assert page(client, worker, "detail", story.pep.uuid).status_code == 404
