"""The import pages: upload, preview, confirm, discard, and who may."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from children.imports import kinds
from children.imports.source import SourceFile
from children.models import Child, ImportRun
from tests import personas
from tests.factories.children import ChildFactory
from tests.imports.samples import AMY, BOB, EPISODE, sample_return, tables
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db

LIST, UPLOAD = reverse("imports:list"), reverse("imports:upload")
MAY = ("data", "vsh")
MAY_NOT = tuple(role for role in personas.NAMES if role not in MAY)


@pytest.fixture
def data(client):
    user = personas.person("data")
    client.force_login(user)
    return user


def uploads(files) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(file.name, file.content, content_type="text/csv") for file in files]


def send(client, files, kind="ssda903", **fields):
    return client.post(UPLOAD, {"kind": kind, "files": uploads(files)} | fields)


def previewed(client, files=None) -> ImportRun:
    response = send(client, files or sample_return())
    assert response.status_code == 302
    return ImportRun.objects.latest("pk")


def href(name: str, run: ImportRun) -> str:
    return reverse(f"imports:{name}", args=[run.uuid])


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("role", MAY)
def test_who_may_import_sees_the_pages(client, role):
    client.force_login(personas.person(role))

    assert [client.get(address).status_code for address in (LIST, UPLOAD)] == [200, 200]


@pytest.mark.parametrize("role", MAY_NOT)
def test_who_may_not_import_is_told_why_and_finds_no_run(client, role):
    run = ImportRun.objects.create(kind="roll", state="previewed")
    client.force_login(personas.person(role))

    for address in (LIST, UPLOAD):
        response = client.get(address)
        assert response.status_code == 403
        assert "Files are imported by business support and the Virtual School Head." in text(response)
    assert [client.get(href(name, run)).status_code for name in ("detail", "rows")] == [404, 404]
    assert [client.post(href(name, run)).status_code for name in ("confirm", "discard")] == [404, 404]
    assert send(client, sample_return()).status_code == 403


def test_a_preview_shows_what_would_be_done_and_does_nothing(client, data):
    run = previewed(client, tables(children=[AMY | {"UPN": "Z801200001001"}, BOB | {"CHILD": ""}]))
    shown = text(client.get(href("detail", run)))

    assert "This is a preview. Nothing has been imported yet." in shown
    assert "Would be new" in shown
    assert "children.csv line 2" in shown
    assert "The check letter should be H." in shown
    assert "children.csv line 3" in shown
    assert "Import these files" in shown
    assert (run.by, Child.objects.count()) == (data, 0)


def test_confirming_imports_once(client, data):
    run = previewed(client)

    assert client.post(href("confirm", run)).status_code == 302
    assert Child.objects.count() == 5
    assert client.post(href("confirm", run)).status_code == 409
    assert client.post(href("discard", run)).status_code == 409
    shown = text(client.get(href("detail", run)))
    assert "Imported" in shown
    assert "Import these files" not in shown


def test_discarding_imports_nothing(client, data):
    run = previewed(client)

    assert client.post(href("discard", run), follow=True).status_code == 200
    assert client.post(href("confirm", run)).status_code == 409
    assert Child.objects.count() == 0


def test_when_records_changed_since_the_preview_the_new_preview_is_shown(client, data):
    first, second = previewed(client), previewed(client)
    client.post(href("confirm", first))
    shown = text(client.post(href("confirm", second), follow=True))

    assert "Records have changed since the preview, so nothing was imported." in shown
    assert ImportRun.objects.get(pk=second.pk).report["unchanged"]["children"] == 5


def test_the_options_of_a_return_reach_it(client, data):
    fields = {"year": "2025", "go_live_0": "1", "go_live_1": "9", "go_live_2": "2026"}
    names = {"go_live-day": "1", "go_live-month": "9", "go_live-year": "2026"}
    response = send(client, sample_return(), **fields, **names)
    run = ImportRun.objects.get()

    assert (response.status_code, run.report["options"]) == (302, {"year": "2025", "go_live": "2026-09-01"})


def test_the_rows_to_look_at_come_as_a_file(client, data):
    run = previewed(client, tables(children=[AMY | {"UPN": "=1+1"}, BOB | {"CHILD": ""}]))
    response = client.get(href("rows", run))
    rows = list(csv.reader(StringIO(response.content.decode())))

    assert response["Content-Disposition"] == 'attachment; filename="import-ssda903-2026-11-10-rows.csv"'
    assert rows == [
        ["outcome", "file", "line", "column", "value", "reason"],
        ["refused", "children.csv", "3", "CHILD", "", "Missing."],
        ["flagged", "children.csv", "2", "UPN", "'=1+1", "A UPN is a letter, eleven digits, and a digit or letter."],
    ]


def test_where_a_child_lives_is_shown_only_to_who_reads_it(client, data):
    """Business support corrects the cell by its line; the head may read what stands in it."""
    run = previewed(client, tables(children=[AMY], episodes=[EPISODE | {"PL_POST": "ZZ1 1ZZ Sea Lane"}]))
    head = personas.person("vsh")

    def answers() -> tuple[list[tuple[bool, bool]], list[list[str]]]:
        pages = [client.get(href(name, run)) for name in ("detail", "rows")]
        logged = [entry.fields for entry in AccessLog.objects.order_by("-pk")[:2]]
        return [("PL_POST" in text(page), "Sea Lane" in text(page)) for page in pages], logged

    assert answers() == ([(True, False), (True, False)], [[], []])
    client.force_login(head)
    assert answers() == ([(True, True), (True, True)], [["address"], ["address"]])


def test_the_log_names_the_children_whose_rows_were_shown(client, data):
    """Those on the page alone; of a file all; whoever is not held here has no number."""
    amy, bob = ChildFactory(child_id="A1", date_of_birth=date(2012, 5, 14)), ChildFactory(child_id="B1")
    other = ChildFactory(child_id="C1", upn="UN1")
    remark = {"file": "x.csv", "line": 2, "column": "UPN", "value": "UN1", "reason": "Some reason."}
    of_amy, of_bob = remark | {"child": "A1"}, remark | {"child": "B1"}
    rows = [of_amy, *([remark | {"child": "UN1"}] * 49), of_bob, remark]
    run = ImportRun.objects.create(kind="roll", state="done", by=data, report={"refused": rows, "flagged": []})

    for address, shown in [
        (href("detail", run), [amy.pk]),
        (href("detail", run) + "?page=2", [bob.pk]),
        (href("rows", run), [amy.pk, bob.pk]),
    ]:
        client.get(address)
        assert AccessLog.objects.latest("pk").child_ids == shown
    assert other.pk not in shown


@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("ssda903", tables(children=[AMY | {"UPN": "Z801200001001"}], oc2=[{"CHILD": "A1", "SDQ_SCORE": "99"}])),
        ("roll", [SourceFile("roll.csv", b"child_id,last_name,dob\nA1,Ann,15/05/2012\n")]),
        ("attendance", [SourceFile("marks.csv", b"upn,date,session,code\nh801200001001,2026-11-02,AM,?\n")]),
    ],
)
def test_every_kind_of_import_says_whose_row_it_remarks_on(client, data, kind, files):
    amy = ChildFactory(child_id="A1", upn="H801200001001", date_of_birth=date(2012, 5, 14))
    send(client, files, kind=kind)
    run = ImportRun.objects.get()
    remarks = [one for word in ("refused", "flagged") for one in run.report[word] if one["line"] > 1]
    client.get(href("rows", run))

    assert remarks
    assert {one["child"] for one in remarks} <= {"A1", "h801200001001"}
    assert AccessLog.objects.latest("pk").child_ids == [amy.pk]


def test_the_file_is_named_by_the_day_in_london(client, data):
    """Half past midnight of a summer night is still the day before in Greenwich."""
    run = ImportRun.objects.create(kind="roll", state="done", by=data, report={"refused": [], "flagged": []})
    ImportRun.objects.update(started_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    run.refresh_from_db()

    assert 'filename="import-roll-2026-07-01-rows.csv"' in client.get(href("rows", run))["Content-Disposition"]
    assert str(run) == "roll import of 01 July 2026"


def test_what_is_refused_as_a_whole_says_why_and_cannot_be_confirmed(client, data):
    response = send(client, tables(children=[AMY]), kind="roll", follow=True)
    run = ImportRun.objects.get()
    shown = text(client.get(href("detail", run)))

    assert (response.status_code, run.state) == (302, "refused")
    assert "A roll needs these columns: last_name." in shown
    assert client.post(href("confirm", run)).status_code == 409


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    [
        ([], "roll", "Upload files"),
        ([SimpleUploadedFile("x.csv", b"")], "roll", "The submitted file is empty."),
        (
            [SimpleUploadedFile("x.zip", b"PK\x03\x04")],
            "roll",
            "x.zip: This is a ZIP archive or an Excel workbook, not a CSV file.",
        ),
        ([SimpleUploadedFile("x.csv", b",\n")], "roll", "x.csv: The file is empty, or its first line is."),
        ([SimpleUploadedFile("a.csv", b"a"), SimpleUploadedFile("b.csv", b"a")], "roll", "Choose one file."),
        (
            [SimpleUploadedFile("a.csv", b"a"), SimpleUploadedFile("a.csv", b"b")],
            "ssda903",
            "Two of the files have the same name.",
        ),
        ([SimpleUploadedFile("x" * 101, b"a,b")], "roll", "A file's name is longer than 100 characters."),
        ([SimpleUploadedFile(f"{n}.csv", b"a") for n in range(21)], "ssda903", "Upload 20 files or fewer."),
        ([SimpleUploadedFile("a.csv", b"a,b")], "secrets", "Select a valid choice."),
        ([SimpleUploadedFile("a.csv", b"a,b")], "", "Select an answer to “What do you want to import?”"),
    ],
)
def test_what_cannot_be_an_import_is_an_error_of_the_form(client, data, files, kind, words):
    response = client.post(UPLOAD, {"kind": kind, "files": files})
    shown = text(response).replace("&#x27;", "'").replace("&#39;", "'")

    assert (response.status_code, ImportRun.objects.count()) == (200, 0)
    assert "Error: Import files" in shown
    assert words in shown


def test_files_that_are_too_large_are_an_error_of_the_form(client, data):
    too_large = SimpleUploadedFile("x.csv", b"a," * (kinds.named("roll").most_bytes // 2 + 1))

    assert "The files are larger than 20.0" in text(client.post(UPLOAD, {"kind": "roll", "files": [too_large]}))


@pytest.mark.parametrize("rows", [1, 30])
def test_a_list_of_any_length_takes_the_same_queries(client, data, rows, django_assert_num_queries):
    for _ in range(rows):
        ImportRun.objects.create(kind="roll", state="done", by=data, report={"refused": [], "flagged": []})
    client.get(LIST)
    with django_assert_num_queries(8):
        assert client.get(LIST).status_code == 200


def test_a_long_report_comes_in_pages(client, data):
    remark = {"file": "x.csv", "line": 2, "column": "UPN", "value": "", "reason": "Some reason."}
    report = {"refused": [remark | {"line": n} for n in range(2, 130)], "flagged": []}
    run = ImportRun.objects.create(kind="roll", state="done", by=data, report=report)

    assert text(client.get(href("detail", run))).count("Some reason.") == 50
    assert "x.csv line 129" in text(client.get(href("detail", run) + "?page=3"))


@pytest.mark.parametrize("method", ["get", "post"])
def test_reading_a_page_changes_nothing(client, data, method):
    run = previewed(client)
    for name in ("confirm", "discard"):
        assert client.get(href(name, run)).status_code == 405
    assert ImportRun.objects.get().state == "previewed"
