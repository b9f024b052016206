"""The commands: what they print, their exit codes, and that what goes out comes in again."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from children.exports import everything
from children.models import Child, ImportRun, School
from tests.factories.accounts import UserFactory
from tests.factories.children import ChildFactory, NoteFactory
from tests.imports.samples import AMY, BOB, DATA, EPISODE, tables
from tests.imports.test_ssda903 import KEPT
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db

RETURN = DATA / "return_2025"
SHAPE = {"created", "updated", "unchanged", "dry_run", "flagged", "refused"}


def run(name: str, *args: object, **options: object) -> str:
    out = StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def put(folder: Path, files) -> Path:
    folder.mkdir(exist_ok=True)
    for file in files:
        (folder / file.name).write_bytes(file.content)
    return folder


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- import


def test_json_has_the_shape_that_is_promised():
    found = json.loads(run("import_ssda903", RETURN, "--json"))

    assert found.keys() == SHAPE
    assert (found["created"]["children"], found["created"]["episodes"], found["dry_run"]) == (5, 5, False)
    assert Child.objects.count() == 5


def test_a_remark_names_file_line_column_value_and_reason(tmp_path):
    folder = put(tmp_path, tables(children=[AMY | {"UPN": "Z801200001001"}]))
    found = json.loads(run("import_ssda903", folder, "--json", "--year", "2025"))

    assert found["flagged"] == [
        {
            "file": "children.csv",
            "line": 2,
            "column": "UPN",
            "value": "Z801200001001",
            "reason": "The check letter should be H.",
        }
    ]


def test_people_read_counts_and_then_every_row(tmp_path):
    folder = put(tmp_path, tables(children=[AMY | {"UPN": "Z801200001001"}, BOB | {"CHILD": ""}]))

    assert run("import_ssda903", folder, "--year", "2025").splitlines() == [
        "children: 1 created, 0 updated, 0 unchanged",
        "Read as the return of 2025: 1 April 2024 to 31 March 2025.",
        "1 refused",
        "  children.csv line 3 CHILD: Missing.",
        "1 flagged",
        "  children.csv line 2 UPN “Z801200001001”: The check letter should be H.",
    ]


def test_a_dry_run_keeps_nothing():
    found = json.loads(run("import_ssda903", RETURN, "--json", "--dry-run"))

    assert (found["dry_run"], found["created"]["children"], Child.objects.count()) == (True, 5, 0)
    assert run("import_ssda903", RETURN, "--dry-run").splitlines()[-1] == "Dry run: nothing was kept."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("import_roll", b"a,b\n1,2\n"),
        ("import_schools", b"a,b\n"),
        ("import_ssda903", b"a,b\n"),
        ("import_roll", b"PK\x03\x04"),
    ],
)
def test_refused_as_a_whole_is_exit_code_2_and_still_json(name, content, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(name, str(path), "--json", stdout=out, stderr=StringIO())

    found = json.loads(out.getvalue())
    assert (refused.value.returncode, found.keys(), len(found["refused"])) == (2, SHAPE, 1)
    assert ImportRun.objects.get().state == "refused"


@pytest.mark.parametrize(
    "name", ["import_roll", "import_schools", "import_ssda903", "import_attendance", "import_exclusions"]
)
def test_a_file_that_is_not_there_is_exit_code_2(name, tmp_path):
    missing, out = tmp_path / "none.csv", StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(name, str(missing), stdout=out)

    words = f"No such file or directory: {missing}"
    assert (refused.value.returncode, str(refused.value), out.getvalue()) == (2, words, "")
    with pytest.raises(CommandError) as refused:
        call_command(name, str(missing), "--json", stdout=out)
    assert (refused.value.returncode, json.loads(out.getvalue())) == (2, {"error": words})


def test_schools_with_their_links():
    register, links = DATA / "schools" / "register.csv", DATA / "schools" / "links.csv"
    found = json.loads(run("import_schools", register, "--links", links, "--json"))

    assert found["created"] == {"schools": 6, "judgements": 2, "school_links": 2}
    assert School.objects.get(urn="200004").predecessors.count() == 2


def test_the_go_live_date_of_the_command():
    run("import_ssda903", RETURN, "--go-live", "2026-09-01")

    assert str(Child.objects.first().known_from) == "2026-09-01"


# ---------------------------------------------------------------- export


def test_the_sample_return_comes_out_as_it_came_in(tmp_path):
    run("import_ssda903", RETURN)
    found = json.loads(run("export_ssda903", tmp_path / "out", "--year", 2025, "--json"))

    assert found["files"] == {
        "header.csv": 5,
        "episodes.csv": 5,
        "reviews.csv": 5,
        "oc2.csv": 4,
        "previous_permanence.csv": 1,
        "sw_episodes.csv": 5,
    }
    for path in RETURN.glob("*.csv"):
        assert read(tmp_path / "out" / path.name) == read(path)


def test_every_table_comes_out_as_it_came_in_and_going_in_again_changes_nothing(tmp_path):
    who = {"CHILD": "A1", "DOB": AMY["DOB"]}
    rows = {
        "children": [AMY, BOB | {"UPN": "UN3"}],
        "episodes": [
            EPISODE | {"DEC": "01/05/2024", "REC": "X1"},
            EPISODE | {"DECOM": "01/05/2024", "RNE": "P", "PLACE": "K2"},
            EPISODE | {"CHILD": "B1"},
        ],
        "uasc": [who | {"SEX": "F", "DUC": "14/05/2030"}],
        "missing": [who | {"MISSING": "A", "MIS_START": "01/05/2024", "MIS_END": "03/05/2024"}],
        "reviews": [who | {"REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}],
        "oc2": [who | {"SDQ_REASON": "SDQ1", "CONVICTED": "0"}],
        "sw_episodes": [who | {"SW_ID": "SW1234", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}],
    } | {table: [who | row] for table, row in KEPT.items()}
    folder = put(tmp_path / "in", tables(**rows))
    run("import_ssda903", folder, "--year", 2025)
    run("export_ssda903", tmp_path / "out", "--year", 2025)

    again = json.loads(run("import_ssda903", tmp_path / "out", "--json", "--year", 2025))
    assert (set(again["created"].values()), set(again["updated"].values())) == ({0}, {0})
    assert again["unchanged"] == {table: len(listed) for table, listed in rows.items()}
    assert (again["flagged"], again["refused"]) == ([], [])
    for name, table in (("header", "children"), *((name, name) for name in rows if name != "children")):
        assert read(tmp_path / "out" / f"{name}.csv") == read(folder / f"{table}.csv")


def test_what_a_year_has_not_seen_is_left_out_of_it(tmp_path):
    ended = EPISODE | {"DEC": "01/05/2025", "REC": "E5"}
    run("import_ssda903", put(tmp_path / "in", tables(children=[AMY], episodes=[ended])), "--year", 2026)
    for year in (2021, 2024, 2025, 2026, 2027):
        run("export_ssda903", tmp_path / str(year), "--year", year)

    found = {year: read(tmp_path / str(year) / "episodes.csv") for year in (2021, 2024, 2025, 2026, 2027)}
    assert {year: [(row["DEC"], row["REC"]) for row in rows] for year, rows in found.items()} == {
        2021: [],
        2024: [("", "")],
        2025: [("", "")],
        2026: [("01/05/2025", "E5")],
        2027: [],
    }
    assert read(tmp_path / "2024" / "header.csv")[0]["SEX"] == "2"


def test_an_export_is_in_the_access_log(tmp_path):
    run("import_ssda903", RETURN)
    run("export_ssda903", tmp_path / "a", "--year", 2025)
    run("export_all", tmp_path / "b")
    children = sorted(Child.objects.values_list("pk", flat=True))

    assert list(AccessLog.objects.order_by("pk").values_list("route", "kind", "child_ids")) == [
        ("export_ssda903", "export", children),
        ("export_all", "export", children),
    ]


def test_everything_comes_out_with_a_dictionary_and_without_passwords(tmp_path):
    author = UserFactory(password="not-to-be-seen", name="=cmd|' /C calc'!A0")
    note = NoteFactory(author=author, child=ChildFactory(), body="Two\nlines, “quoted”")
    default_storage.save("children/kept", ContentFile(b"a file"))
    found = json.loads(run("export_all", tmp_path / "out", "--json"))["files"]
    out = tmp_path / "out"

    assert found["children.child.csv"] == Child.objects.count() == len(read(out / "children.child.csv"))
    assert read(out / "children.note.csv")[0]["body"] == note.body
    assert read(out / "accounts.user.csv")[0]["name"] == "'=cmd|' /C calc'!A0"
    assert (out / "files" / "children" / "kept").read_bytes() == b"a file"
    assert all("not-to-be-seen" not in path.read_text() for path in out.glob("*.csv"))
    assert (out / "children.child.csv").stat().st_mode & 0o077 == 0
    default_storage.delete("children/kept")


def test_the_dictionary_has_every_file_and_every_column(tmp_path):
    run("export_all", tmp_path / "out")
    dictionary = json.loads((tmp_path / "out" / "data_dictionary.json").read_text())

    assert {entry["file"] for entry in dictionary} == {path.name for path in (tmp_path / "out").glob("*.csv")}
    for entry in dictionary:
        header = (tmp_path / "out" / entry["file"]).read_text().splitlines()[0]
        assert [column["column"] for column in entry["columns"]] == header.split(",")
        assert entry["meaning"]
    assert "## children.child.csv" in (tmp_path / "out" / "data_dictionary.md").read_text()


def test_every_model_of_the_service_is_exported():
    labels = {model._meta.label for model in everything.models()}

    assert {"accounts.User", "audit.Change", "children.Child", "jobs.Event", "rulebook.Rule"} <= labels
    assert not any(label.startswith(("sessions.", "mfa.", "auth.")) for label in labels)


def test_export_all_refuses_a_folder_that_holds_something(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(CommandError) as refused:
        run("export_all", tmp_path)

    assert refused.value.returncode == 2
