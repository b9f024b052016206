"""Notes, files, families who asked, children placed here and figures: the pages at work, and attacks on them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from children.models import ChildFile, CohortFigure, Enquiry, HostedChild, Note, PreviouslyInCare
from tests import personas
from tests.children.samples import docx, pdf, png
from tests.factories.children import (
    ChildFactory,
    ChildFileFactory,
    CohortFigureFactory,
    EnquiryFactory,
    HostedChildFactory,
    LocalAuthorityFactory,
    NoteFactory,
    PeriodOfCareFactory,
    PreviouslyInCareFactory,
    SchoolFactory,
)
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast():
    return personas.cast()


@pytest.fixture
def ala(client, cast):
    client.force_login(cast.ala)
    return cast.ala


def at(name, *args) -> str:
    return reverse(f"children:{name}", args=[getattr(arg, "uuid", arg) for arg in args])


def days(name, on) -> dict[str, str]:
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}


def errors(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


# ---------------------------------------------------------------- notes


def note_of(**changed) -> dict[str, str]:
    return {"subject": "Call", "body": "Maths is better.", **days("happened_on", today())} | changed


def test_a_note_is_written_once_however_often_it_is_sent(client, cast, ala):
    key = client.get(at("note_add", cast.amy)).context["form"]["key"].value()
    for _ in range(2):
        assert client.post(at("note_add", cast.amy), note_of(key=key)).status_code == 302
    assert [(note.author, note.body) for note in Note.objects.all()] == [(ala, "Maths is better.")]
    assert "Maths is better." in text(client.get(at("notes", cast.amy)))


def test_words_of_a_note_are_words(client, cast, ala):
    client.post(at("note_add", cast.amy), note_of(body="<script>alert(1)</script>", subject="{{ settings }}"))
    shown = text(client.get(at("notes", cast.amy)))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "{{ settings }}" in shown


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 121}, "subject"),
        ({"body": "x" * 20001}, "body"),
        (days("happened_on", today() + DAY), "happened_on"),
        ({"key": "no-key"}, "key"),
    ],
)
def test_a_note_that_does_not_fit_is_said_at_its_field(client, cast, ala, changed, field):
    assert list(errors(client.post(at("note_add", cast.amy), note_of(**changed)))) == [field]
    assert not Note.objects.exists()


def test_only_its_author_is_offered_to_change_a_note(client, cast):
    note = NoteFactory(child=cast.amy, author=cast.ala)
    offered = {}
    for role in ("ala", "vsh", "socialworker"):
        client.force_login(cast[role])
        offered[role] = at("note_edit", note) in text(client.get(at("notes", cast.amy)))
    assert offered == {"ala": True, "vsh": False, "socialworker": False}


def test_a_note_changed_in_two_windows_shows_both(client, cast, ala):
    note = NoteFactory(child=cast.amy, author=ala)
    assert client.post(at("note_edit", note), note_of(body="First window", version=1)).status_code == 302
    answer = client.post(at("note_edit", note), note_of(body="Second window", version=1))
    assert answer.status_code == 409
    shown = text(answer)
    assert "First window" in shown
    assert "Second window" in shown
    assert answer.context["form"].initial["version"] == 2
    note.refresh_from_db()
    assert note.body == "First window"
    assert client.post(at("note_edit", note), note_of(body="Both", version=2)).status_code == 302


def test_somebody_elses_note_is_not_changed_by_post(client, cast):
    note = NoteFactory(child=cast.amy, author=cast.ala)
    client.force_login(cast.vsh)
    assert client.post(at("note_edit", note), note_of(version=1)).status_code == 403
    note.refresh_from_db()
    assert note.version == 1


# ---------------------------------------------------------------- files


def sending(name="plan.pdf", content=None, claimed="application/pdf", **changed):
    upload = SimpleUploadedFile(name, pdf() if content is None else content, claimed)
    return {"upload": upload, "title": "Plan", "field_group": "education"} | changed


def test_a_file_is_added_once_and_handed_out_as_a_download(client, cast, ala):
    key = str(uuid4())
    for _ in range(2):
        assert client.post(at("file_add", cast.amy), sending(key=key)).status_code == 302
    file = ChildFile.objects.get()
    assert file.title in text(client.get(at("files", cast.amy)))
    answer = client.get(at("file", file))
    assert b"".join(answer.streaming_content) == pdf()
    headers = {
        name: answer[name]
        for name in ("Content-Disposition", "Content-Type", "X-Content-Type-Options", "Content-Security-Policy")
    }
    assert headers == {
        "Content-Disposition": 'attachment; filename="plan.pdf"',
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    assert "no-store" in answer["Cache-Control"]
    log = AccessLog.objects.latest("pk")
    assert (log.kind, log.child_ids, log.fields) == ("export", [cast.amy.pk], ["education"])


@pytest.mark.parametrize(
    ("name", "content", "claimed"),
    [
        ("setup.pdf", b"MZ\x90\x00" + bytes(200), "application/pdf"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        ("page.html", b"<script>alert(1)</script>", "text/html"),
        ("picture.png", b"<svg><script>alert(1)</script></svg>", "image/png"),
        ("plan.docx", docx(parts={"word/vbaProject.bin": b"x"}), "application/pdf"),
        ("plan.pdf.exe", pdf(), "application/pdf"),
        ("empty.pdf", b"", "application/pdf"),
    ],
)
def test_an_attack_is_said_at_the_file_and_not_kept(client, cast, ala, name, content, claimed):
    answer = client.post(at("file_add", cast.amy), sending(name, content, claimed))
    assert list(errors(answer)) == ["upload"]
    assert not ChildFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../../etc/passwd.pdf", "passwd.pdf"), ("pl\u202efdp.pdf", "plfdp.pdf"), ("zoë.pdf", "zoë.pdf")],
)
def test_a_name_does_no_harm_on_its_way_back(client, cast, ala, name, kept):
    client.post(at("file_add", cast.amy), sending() | {"upload": raw(name)})
    file = ChildFile.objects.get()
    assert file.original_name == kept
    answer = client.get(at("file", file))
    assert answer["Content-Disposition"].startswith("attachment;")
    assert b"".join(answer.streaming_content) == pdf()


def test_a_name_with_a_line_break_adds_no_header(client, cast, ala):
    answer = client.post(at("file_add", cast.amy), sending() | {"upload": raw("pl\r\nSet-Cookie: a=b.pdf")})
    assert answer.status_code in (200, 302, 400)
    assert "a" not in client.cookies
    assert not any("\n" in file.original_name for file in ChildFile.objects.all())


def raw(name) -> SimpleUploadedFile:
    """An upload whose name is past what Django's own setter takes off."""
    upload = SimpleUploadedFile("x.pdf", pdf(), "application/pdf")
    upload._name = name
    return upload


def test_where_a_file_is_stored_is_on_no_page(client, cast, ala):
    client.post(at("file_add", cast.amy), sending())
    file = ChildFile.objects.get()
    assert file.stored_as not in text(client.get(at("files", cast.amy)))
    assert default_storage.exists(file.stored_as)
    assert client.get(f"/{file.stored_as}").status_code == 404


@pytest.mark.parametrize(
    "changed",
    [{"state": "pending"}, {"state": "refused"}, {"removed": True}, {}],
    ids=["pending", "refused", "removed", "lost"],
)
def test_a_file_that_is_not_there_is_not_found(client, cast, ala, changed):
    file = ChildFileFactory(child=cast.amy, **changed)
    assert client.get(at("file", file)).status_code == 404


def test_a_file_is_handed_to_roles_that_read_its_kind(client, cast, ala):
    client.post(at("file_add", cast.amy), sending("drawing.png", png(), "image/png", field_group="health"))
    file = ChildFile.objects.get()
    got = {}
    for role in ROLES:
        client.force_login(cast[role])
        answer = client.get(at("file", file))
        got[role] = answer.status_code
        if answer.streaming:
            assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert got == {role: 200 if role in {"vsh", "ala", "socialworker", "manager"} else 404 for role in ROLES}


def test_nobody_files_under_what_they_do_not_read(client, cast):
    client.force_login(cast.data)
    assert list(errors(client.post(at("file_add", cast.amy), sending(field_group="health")))) == ["field_group"]


def test_a_file_is_removed_with_a_reason(client, cast, ala):
    file = ChildFileFactory(child=cast.amy, uploaded_by=ala)
    assert list(errors(client.post(at("file_remove", file), {}))) == ["why"]
    got = [client.post(at("file_remove", file), {"why": "Wrong child"}).status_code for _ in range(2)]
    assert got == [302, 404]


# ---------------------------------------------------------------- previously in care


def left_by(reason, **changed):
    child = ChildFactory(**changed)
    PeriodOfCareFactory(child=child, end=today() - 30 * DAY, end_reason=reason)
    return child


def test_a_recent_special_guardianship_is_proposed_and_opened_when_the_family_asks(client, cast, ala):
    gwen = left_by("E45", first_names="Gwen")
    left_by("E4A", first_names="Home")
    left_by("E11", first_names="Adopted", sealed=True)
    shown = text(client.get(at("previously")))
    assert [name for name in ("Gwen", "Home", "Adopted") if name in shown] == ["Gwen"]
    form = client.get(at("previously_add"), {"child": gwen.uuid}).context["form"]
    assert (form.initial["name"], form.initial["basis"]) == ("Gwen Madeup", "sgo")
    sent = {"child": gwen.uuid, "name": "Gwen M", "basis": "sgo", **days("since", today() - 30 * DAY)}
    assert client.post(at("previously_add"), sent).status_code == 302
    assert PreviouslyInCare.objects.get().child == gwen
    assert client.post(at("previously_add"), sent).status_code == 404
    assert "Open a record" not in text(client.get(at("previously")))


@pytest.mark.parametrize("child", ["no-id", "00000000-0000-4000-8000-000000000000"])
def test_nobody_is_joined_who_was_not_proposed(client, cast, ala, child):
    assert client.get(at("previously_add"), {"child": child}).status_code == 404
    assert client.get(at("previously_add"), {"child": cast.amy.uuid}).status_code == 404


def test_an_adopted_child_is_never_joined(client, cast, ala):
    gwen = left_by("E45")
    sent = {"child": gwen.uuid, "name": "Gwen", "basis": "adoption", **days("since", today())}
    words = "An adopted child's record is never joined to the record in care."
    assert errors(client.post(at("previously_add"), sent)) == {"__all__": [words]}
    assert client.post(at("previously_add"), {**sent, "child": ""}).status_code == 302
    assert PreviouslyInCare.objects.get().child is None


def test_advice_waits_for_agreement_and_evidence(client, cast, ala):
    about = PreviouslyInCareFactory()
    sent = {"asked_by": "Aunt", "question": "What may we ask?", **days("asked_on", today())}
    assert client.post(at("previously_ask", about), sent).status_code == 302
    enquiry = Enquiry.objects.get()
    refused = client.get(at("advise", enquiry))
    assert refused.status_code == 403
    assert "has not agreed" in text(refused)
    assert "Calderdale: the role of the Virtual School" in text(refused)
    agreement = {
        "agreed_by": "Aunt",
        "evidence": "The order",
        **days("agreed_on", today()),
        **days("evidence_seen_on", today()),
    }
    assert client.post(at("previously_agree", about), agreement).status_code == 302
    assert at("advise", enquiry) in text(client.get(at("previously_record", about)))
    got = [client.post(at("advise", enquiry), {"advice": "Ask the school."}).status_code for _ in range(2)]
    assert got == [302, 409]
    assert "Ask the school." in text(client.get(at("previously_record", about)))


def test_an_agreement_is_withdrawn_by_one_button(client, cast, ala):
    about = PreviouslyInCareFactory(agreed=True)
    assert at("previously_withdraw", about) in text(client.get(at("previously_record", about)))
    got = [client.post(at("previously_withdraw", about)).status_code for _ in range(2)]
    assert got == [302, 409]
    assert "The agreement to advice on this child was withdrawn." in text(client.get(at("previously_record", about)))


def test_nothing_of_a_record_in_care_is_on_the_page_of_a_family(client, cast, ala):
    gwen = left_by("E45", first_names="Gwen", upn="H801200001001")
    NoteFactory(child=gwen, body="What was written in care")
    about = PreviouslyInCareFactory(child=gwen, agreed=True)
    shown = text(client.get(at("previously_record", about)))
    assert not any(words in shown for words in ("H801200001001", "What was written in care", gwen.child_id))


# ---------------------------------------------------------------- placed here by others


def test_a_child_placed_here_is_entered_with_the_home_council(client, cast):
    client.force_login(cast.data)
    council = LocalAuthorityFactory(code="998", name="Elsewhere Council")
    sent = {
        "name": "Cal",
        "home_authority": council.pk,
        "contact": "Jo",
        "school": cast.school.urn,
        **days("start", today()),
    }
    assert client.post(at("hosted_add"), sent).status_code == 302
    entry = HostedChild.objects.get()
    assert (entry.home_authority, entry.school) == (council, cast.school)
    shown = text(client.get(at("hosted")))
    assert [words for words in ("Cal", "Elsewhere Council", "Jo") if words not in shown] == []
    got = [client.post(at("hosted_end", entry), days("end", today())).status_code for _ in range(2)]
    assert got == [302, 409]


def test_a_school_is_not_needed_but_must_be_one(client, cast):
    client.force_login(cast.data)
    SchoolFactory.create_batch(2, name="Saint Mary")
    council = LocalAuthorityFactory(code="998")
    sent = {"name": "Cal", "home_authority": council.pk, "contact": "Jo", **days("start", today())}
    assert list(errors(client.post(at("hosted_add"), sent | {"school": "saint"}))) == ["school_chosen"]
    assert list(errors(client.post(at("hosted_add"), sent | {"school": "nowhere"}))) == ["school"]
    assert client.post(at("hosted_add"), sent).status_code == 302


def test_an_advocate_reads_the_register_and_is_offered_no_change(client, cast, ala):
    entry = HostedChildFactory()
    shown = text(client.get(at("hosted")))
    assert entry.name in shown
    assert at("hosted_end", entry) not in shown
    assert at("hosted_add") not in shown


# ---------------------------------------------------------------- figures


def test_small_figures_are_hidden_on_the_page(client, cast, ala):
    for area, number in (("The whole council", 60), ("North", 4), ("South", 17), ("West", 39)):
        CohortFigureFactory(measure="Suspended", area=area, count=number, out_of=None)
    rows = client.get(at("figures")).context["tables"][0].rows
    assert [(row[1].cell.text, row[3].cell.text) for row in rows] == [
        ("North", "hidden"),
        ("South", "hidden"),
        ("The whole council", "60"),
        ("West", "39"),
    ]


def test_a_figure_is_entered(client, cast, ala):
    sent = {
        "cohort": "kinship",
        "measure": "Suspended",
        "area": "North",
        "count": "12",
        "out_of": "90",
        **days("on", today()),
    }
    assert client.post(at("figure_add"), sent).status_code == 302
    assert CohortFigure.objects.get().count == 12
    assert list(errors(client.post(at("figure_add"), sent | {"count": "91"}))) == ["count"]
    assert list(errors(client.post(at("figure_add"), sent | {"count": "-1"}))) == ["count"]
    assert list(errors(client.post(at("figure_add"), sent | {"count": "9" * 30}))) == ["count"]


# ---------------------------------------------------------------- lists cost the same however long they are


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(
    ("name", "number", "make"),
    [
        ("notes", 13, lambda cast: NoteFactory(child=cast.amy)),
        ("files", 13, lambda cast: ChildFileFactory(child=cast.amy)),
    ],
)
def test_lists_on_a_child_cost_the_same(client, cast, ala, django_assert_num_queries, rows, name, number, make):
    for _ in range(rows):
        make(cast)
    with django_assert_num_queries(number):
        assert client.get(at(name, cast.amy)).status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize(
    ("name", "number", "make"),
    [
        ("previously", 12, lambda: (PreviouslyInCareFactory(), left_by("E45"))),
        ("hosted", 11, lambda: HostedChildFactory(school=SchoolFactory())),
        ("figures", 11, CohortFigureFactory),
    ],
)
def test_the_other_lists_cost_the_same(client, ala, django_assert_num_queries, rows, name, number, make):
    for _ in range(rows):
        make()
    with django_assert_num_queries(number):
        assert client.get(at(name)).status_code == 200


@pytest.mark.parametrize("rows", [1, 50])
def test_the_page_of_a_family_costs_the_same(client, ala, django_assert_num_queries, rows):
    about = PreviouslyInCareFactory(agreed=True)
    EnquiryFactory.create_batch(rows, about=about, advised_by=ala, advised_on=today(), advice="Ask.")
    with django_assert_num_queries(11):
        assert client.get(at("previously_record", about)).status_code == 200
