"""Files in a PEP: in their place, read by kind of information, taken out only while it is open; and attacks on all of that."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from children.actions import files as children_files
from children.filecheck import LARGEST
from children.models import ChildFile
from peps.actions import files
from peps.actions.files import FileFacts
from peps.enums import FileKind
from peps.models import PepAuthor, PepFile, PepVersion
from peps.papers import Recipient, groups_for
from peps.views.papers import document
from tests.factories.peps import PepFileFactory
from tests.peps import stages
from virtualschool.accounts.roles import FieldGroup
from virtualschool.audit.models import AuditEvent, Change
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db
TEXT = b"Reading age 9 years 2 months"


@pytest.fixture
def story():
    return stages.accepted()


def upload(name="report.txt", content=TEXT):
    return SimpleUploadedFile(name, content, "text/plain")


def facts(kind="school_report", title="Autumn report", **upload_facts):
    return FileFacts(upload=upload(**upload_facts), title=title, kind=kind, key=uuid4())


def attach(story, key="education_now", *, by=None, **more):
    section = story.section(key)
    return files.attach_to_section(section=section, facts=facts(**more), by=by or story.writer(section))


def sending(**changed):
    return {"upload": upload(), "title": "Autumn report", "kind": "school_report", "key": str(uuid4())} | changed


def at(name, record):
    return reverse(f"peps:{name}", args=[record.uuid])


def text(client, user, url):
    client.force_login(user)
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


class TestAttach:
    def test_to_a_section_it_holds_what_the_section_holds(self, story):
        added = attach(story)
        assert (added.pep, added.section.key, added.meeting) == (story.pep, "education_now", None)
        assert (added.file.child, added.file.field_group) == (story.people.amy, "education")
        assert added.file.matter == f"peps.PepSection:{added.section.uuid}"
        assert PepAuthor.objects.filter(pep=story.pep, user=story.people.teacher).exists()
        assert AuditEvent.objects.filter(verb="pep.file_added").count() == 1

    def test_a_drawing_is_the_childs_voice(self, story):
        assert attach(story, "my_views", kind="drawing").file.field_group == "voice"
        at_meeting = files.attach_to_meeting(meeting=story.meeting, facts=facts("drawing"), by=story.people.teacher)
        assert at_meeting.file.field_group == "voice"

    def test_a_drawing_is_not_put_where_no_views_are(self, story):
        with pytest.raises(Exception, match="kinds of file listed"):
            attach(story, kind="drawing")

    def test_whoever_does_not_read_voice_adds_no_drawing(self, story):
        with pytest.raises(Exception, match="kinds of file listed"):
            files.attach_to_meeting(meeting=story.meeting, facts=facts("drawing"), by=story.people.coordinator)
        added = files.attach_to_meeting(meeting=story.meeting, facts=facts("invoice"), by=story.people.coordinator)
        assert (added.meeting, added.section, added.file.field_group) == (story.meeting, None, "pep")

    def test_sent_twice_it_is_one(self, story):
        section, once = story.section("education_now"), facts()
        again = FileFacts(upload=upload(), title=once.title, kind=once.kind, key=once.key)
        first = files.attach_to_section(section=section, facts=once, by=story.people.teacher)
        assert files.attach_to_section(section=section, facts=again, by=story.people.teacher) == first
        assert ChildFile.objects.count() == PepFile.objects.count() == 1

    def test_one_key_is_not_two_places(self, story):
        once = facts()
        files.attach_to_section(section=story.section("education_now"), facts=once, by=story.people.teacher)
        with pytest.raises(Conflict):
            files.attach_to_section(section=story.section("my_views"), facts=once, by=story.people.teacher)

    @pytest.mark.parametrize("role", ["ala", "coordinator", "support", "iro", "socialworker", "manager", "data"])
    def test_a_section_is_its_writers(self, story, role):
        with pytest.raises(Refused):
            attach(story, by=story.people[role])
        assert ChildFile.objects.count() == 0

    def test_not_another_schools_teacher(self, story):
        with pytest.raises(Refused):
            attach(story, by=story.people.outsiders["teacher"])

    def test_not_after_the_sending_in(self):
        story = stages.submitted()
        with pytest.raises(Refused, match="submitted"):
            attach(story)
        with pytest.raises(Refused, match="files stay"):
            files.attach_to_meeting(meeting=story.meeting, facts=facts(), by=story.people.teacher)

    def test_the_database_wants_one_place(self, story):
        added = attach(story)
        with pytest.raises(IntegrityError, match="pep_file_has_one_place"), transaction.atomic():
            PepFile.objects.filter(pk=added.pk).update(meeting=story.meeting)


class TestTakeOut:
    def test_by_whoever_added_it_with_its_history(self, story):
        added = attach(story)
        files.take_out(pep_file=added, why="The wrong child's", by=story.people.teacher)
        added.file.refresh_from_db()
        assert (added.file.removed_at is not None, added.file.removed_why) == (True, "The wrong child's")
        assert PepFile.objects.visible_to(story.people.teacher).count() == 0
        assert AuditEvent.objects.get(verb="pep.file_removed").why == "The wrong child's"
        assert Change.objects.filter(table_name="peps_pepfile").exists()

    @pytest.mark.parametrize("role", ["ala", "coordinator", "support", "iro", "socialworker", "manager"])
    def test_by_nobody_else(self, story, role):
        with pytest.raises(Refused):
            files.take_out(pep_file=attach(story), why="x", by=story.people[role])

    def test_the_head_may_while_it_is_open(self, story):
        added = attach(story)
        files.take_out(pep_file=added, why="Holds another child's name", by=story.people.vsh)
        with pytest.raises(Conflict):
            files.take_out(pep_file=added, why="x", by=story.people.vsh)

    def test_not_once_it_was_sent_in_nor_complete_by_any_way(self, story):
        added = attach(story)
        stages.submitted(stages.written(stages.held(stages.prepared(story))))
        for _ in range(2):
            for by in (story.people.teacher, story.people.vsh):
                with pytest.raises(Refused, match="files stay as they are"):
                    files.take_out(pep_file=added, why="x", by=by)
                with pytest.raises(Refused, match="belongs to a PEP"):
                    children_files.remove_file(file=added.file, why="x", by=by)
            if story.pep.state == "submitted":
                stages.approved(story)
        kept = PepVersion.objects.get(pep=story.pep).content["files"]
        file = added.file
        facts = {"title": "Autumn report", "sha256": file.sha256, "uuid": str(file.uuid), "size": file.size}
        assert kept == [{"place": "education_now", "kind": "school_report", "reads": "education", **facts}]

    def test_of_a_returned_pep_only_in_returned_sections(self, story):
        kept, open_again = attach(story), attach(story, "additional_needs")
        stages.submitted(stages.written(stages.held(stages.prepared(story))))
        stages.returned(story, sections=("additional_needs",))
        with pytest.raises(Refused, match="Only the sections that were returned"):
            files.take_out(pep_file=kept, why="x", by=story.people.teacher)
        files.take_out(pep_file=open_again, why="x", by=story.people.teacher)


class TestPages:
    def test_it_is_added_on_the_sections_page_and_listed_with_a_way_out(self, client, story):
        section = story.section("education_now")
        client.force_login(story.people.teacher)
        assert at("section_file_add", section) in client.get(at("section", section)).content.decode()
        answer = client.post(at("section_file_add", section), sending())
        assert answer.headers["Location"] == at("section", section)
        added = PepFile.objects.get()
        page = client.get(at("section", section)).content.decode()
        assert "Autumn report" in page
        assert at("file_remove", added) in page
        assert b"".join(client.get(reverse("children:file", args=[added.file.uuid])).streaming_content) == TEXT
        client.post(at("file_remove", added), {"why": "Old"})
        assert "Autumn report" not in client.get(at("section", section)).content.decode()
        assert client.get(reverse("children:file", args=[added.file.uuid])).status_code == 404

    def test_on_the_meetings_page_too(self, client, story):
        client.force_login(story.people.socialworker)
        client.post(at("meeting_file_add", story.meeting), sending(title="Care plan letter", kind="letter"))
        page = text(client, story.people.coordinator, at("meeting", story.meeting))
        assert "Care plan letter" in page
        assert at("file_remove", PepFile.objects.get()) not in page

    def test_reading_is_cut_by_the_kind_of_information(self, client, story):
        attach(story, "my_views", kind="drawing", title="Amys picture")
        attach(story, "child_and_care", kind="letter", title="Court letter")
        attach(story, title="Autumn report")
        seen = {}
        for role in ("coordinator", "iro", "teacher", "socialworker"):
            page = text(client, story.people[role], at("read", story.pep))
            seen[role] = [one for one in ("Amys picture", "Court letter", "Autumn report") if one in page]
        assert seen == {
            "coordinator": ["Court letter", "Autumn report"],
            "iro": ["Amys picture", "Court letter", "Autumn report"],
            "teacher": ["Amys picture", "Autumn report"],
            "socialworker": ["Amys picture", "Court letter", "Autumn report"],
        }

    def test_the_file_itself_is_cut_in_the_same_way(self, client, story):
        drawing = attach(story, "my_views", kind="drawing").file
        answers = {}
        for role in ("coordinator", "data", "iro", "sen"):
            client.force_login(story.people[role])
            answer = client.get(reverse("children:file", args=[drawing.uuid]))
            answers[role] = answer.status_code
            b"".join(answer.streaming_content if answer.streaming else ())
        assert answers == {"coordinator": 404, "data": 404, "iro": 200, "sen": 404}

    def test_the_quality_page_and_the_paper_name_it(self, client):
        story = stages.accepted()
        attach(story, title="Autumn report")
        files.attach_to_meeting(
            meeting=story.meeting, facts=facts("invoice", title="Tutor quote"), by=story.people.teacher
        )
        stages.submitted(stages.written(stages.held(stages.prepared(story))))
        page = text(client, story.people.ala, at("quality", story.pep))
        assert ("Autumn report" in page, "Tutor quote" in page) == (True, True)
        groups = groups_for(story.people.ala, Recipient.SOCIAL_WORK)
        rows = [
            row
            for part in document(story.pep, story.people.ala, Recipient.SOCIAL_WORK, groups, "whole").parts
            for row in part.rows
        ]
        named = [line for row in rows if row.key == "Files in the service" for line in row.lines]
        assert named == ["Autumn report (School report)", "Tutor quote (Invoice or quote)"]
        less = groups - {FieldGroup.EDUCATION}
        parts = document(story.pep, story.people.ala, Recipient.CARER, less, "whole").parts
        assert not any("Autumn report" in line for part in parts for row in part.rows for line in row.lines)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("report.pdf", TEXT),
            ("report.exe", b"MZ\x90\x00" + bytes(100)),
            ("page.html", b"<script>alert(1)</script>"),
            ("empty.txt", b""),
            ("report.txt", b"a\x00b"),
            ("large.txt", b"x" * (LARGEST + 1)),
        ],
        ids=["not a pdf", "program", "page", "empty", "binary", "large"],
    )
    def test_what_is_not_fit_to_keep_is_said_at_the_file(self, client, story, name, content):
        client.force_login(story.people.teacher)
        sent = sending(upload=upload(name, content))
        answer = client.post(at("section_file_add", story.section("education_now")), sent)
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["upload"])
        assert (PepFile.objects.count(), ChildFile.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        ("name", "kept"), [("../../../etc/passwd.txt", "passwd.txt"), ("re\u202etxt.txt", "re txt.txt")]
    )
    def test_a_name_does_no_harm(self, story, name, kept):
        odd = upload()
        odd._name = name
        given = FileFacts(upload=odd, title="x", kind="other", key=uuid4())
        added = files.attach_to_section(section=story.section("education_now"), facts=given, by=story.people.teacher)
        assert added.file.original_name.replace(" ", "") == kept.replace(" ", "")

    def test_swapped_ids_open_nothing(self, client, story):
        added = attach(story)
        other = story.people.outsiders["teacher"]
        client.force_login(other)
        urls = [
            at("section_file_add", story.section("education_now")),
            at("meeting_file_add", story.meeting),
            at("file_remove", added),
            reverse("children:file", args=[added.file.uuid]),
            at("section_file_add", story.meeting),
        ]
        assert [client.get(url).status_code for url in urls] == [404] * 5
        assert client.post(urls[2], {"why": "x"}).status_code == 404
        assert PepFile.objects.visible_to(other).count() == 0

    def test_the_childs_own_list_of_files_offers_no_way_out_of_a_pep(self, client, story):
        added = attach(story, "child_and_care", kind="letter")
        page = text(client, story.people.socialworker, reverse("children:files", args=[story.people.amy.uuid]))
        assert added.file.title in page
        assert reverse("children:file_remove", args=[added.file.uuid]) not in page
        assert client.post(reverse("children:file_remove", args=[added.file.uuid]), {"why": "x"}).status_code == 403

    def test_files_cost_the_pages_a_constant_number_of_queries(self, client, story, django_assert_max_num_queries):
        section = story.section("education_now")
        PepFileFactory(section=section, file__uploaded_by=story.people.teacher)
        client.force_login(story.people.iro)
        client.get(at("read", story.pep))
        with django_assert_max_num_queries(60) as few:
            client.get(at("read", story.pep))
        PepFileFactory.create_batch(5, section=section, file__uploaded_by=story.people.teacher)
        with django_assert_max_num_queries(60) as many:
            client.get(at("read", story.pep))
        assert len(few) == len(many)

    def test_every_kind_has_words(self):
        assert all(kind.label for kind in FileKind)
