"""Running an import: what is recorded, kept and forgotten, and that a confirmed one is what was previewed."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from children import tasks
from children.imports import kinds, runs
from children.imports.report import RefusedAsAWhole
from children.imports.source import SourceFile, digest
from children.models import Child, ImportRun
from tests import personas
from tests.factories.children import ChildFactory
from tests.imports.samples import AMY, BOB, sample_return, tables
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import nights
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, Refused

pytestmark = pytest.mark.django_db

RETURN = kinds.named("ssda903")
ROLL = kinds.named("roll")


@pytest.fixture
def data():
    return personas.person("data")


def preview(by, files=None, **options) -> ImportRun:
    return runs.preview(kind=RETURN, files=files or sample_return(), options=options, by=by)


def stored(run: ImportRun) -> list[str]:
    folder = f"{runs.FOLDER}/{run.stored_as}"
    return default_storage.listdir(folder)[1] if run.stored_as and default_storage.exists(folder) else []


def events() -> list[tuple[str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", "by_name"))


def test_an_import_at_once_is_recorded_with_its_counts():
    runs.import_now(kind=RETURN, files=sample_return(), options={}, by=None)
    run, event = ImportRun.objects.get(), AuditEvent.objects.get(verb="import.done")

    assert (run.state, run.kind, run.by, run.stored_as) == ("done", "ssda903", None, "")
    assert (run.report["created"]["children"], run.report["notes"]) == (
        5,
        ["Read as the return of 2025: 1 April 2024 to 31 March 2025."],
    )
    assert (event.subject_id, event.data["created"]["children"], event.data["refused"]) == (str(run.pk), 5, 0)


def test_a_dry_run_leaves_no_trace():
    report = runs.import_now(kind=RETURN, files=sample_return(), options={}, by=None, dry_run=True)

    assert (report.dry_run, report.created["children"]) == (True, 5)
    assert (Child.objects.count(), ImportRun.objects.count(), events()) == (0, 0, [])


def test_what_is_refused_as_a_whole_is_recorded():
    with pytest.raises(RefusedAsAWhole):
        runs.import_now(kind=ROLL, files=[SourceFile("x.csv", b"a,b\n")], options={}, by=None)

    run = ImportRun.objects.get()
    assert (run.state, run.report["refused"][0]["column"], events()) == (
        "refused",
        "child_id, last_name",
        [("import.refused", "")],
    )


def test_what_the_database_refuses_is_refused_as_a_whole_and_no_error(monkeypatch):
    def read(files, *, report, options):
        ChildFactory(child_id="A1")
        ChildFactory.build(child_id="A1").save(force_insert=True)

    with pytest.raises(RefusedAsAWhole) as refused:
        runs.import_now(kind=kinds.Kind("x", "X", "", read), files=[], options={}, by=None)

    assert refused.value.report.refused[0].reason.endswith("Nothing was imported.")
    assert Child.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in personas.NAMES if role not in ("data", "vsh")])
def test_only_business_support_and_the_head_import(role):
    with pytest.raises(Refused):
        preview(personas.person(role))

    assert ImportRun.objects.count() == 0


# ---------------------------------------------------------------- preview, confirm, discard


def test_a_preview_keeps_the_report_and_the_files_and_nothing_else(data):
    run = preview(data)

    assert (run.state, run.by, Child.objects.count(), events()) == (
        "previewed",
        data,
        0,
        [("import.previewed", data.name)],
    )
    assert (run.report["created"]["children"], run.report["dry_run"], len(stored(run))) == (5, True, 6)


def test_what_is_confirmed_is_what_was_previewed(data, django_capture_on_commit_callbacks):
    run = preview(data, go_live="2026-09-01")
    folder = run.stored_as
    with django_capture_on_commit_callbacks(execute=True):
        assert runs.confirm(run=run, by=data)
    run.refresh_from_db()

    assert (run.state, run.stored_as, run.report["created"]["children"], run.report["dry_run"]) == (
        "done",
        "",
        5,
        False,
    )
    assert set(Child.objects.values_list("known_from", flat=True).distinct()) == {
        Child.objects.earliest("known_from").known_from
    }
    assert str(Child.objects.first().known_from) == "2026-09-01"
    assert not default_storage.exists(f"{runs.FOLDER}/{folder}/0")
    assert [verb for verb, _ in events()] == ["import.previewed", "import.done"]


def test_a_second_confirmation_is_a_conflict(data):
    run = preview(data)
    runs.confirm(run=run, by=data)

    with pytest.raises(Conflict, match="it is done"):
        runs.confirm(run=run, by=data)


def test_when_the_outcome_would_be_another_nothing_is_imported_and_the_new_preview_shown(data):
    run = preview(data)
    ChildFactory(child_id="C100001", known_from="2020-01-01")

    assert not runs.confirm(run=run, by=data)
    run.refresh_from_db()
    assert (run.state, run.report["created"]["children"], Child.objects.count()) == ("previewed", 4, 1)
    assert runs.confirm(run=run, by=data)
    assert Child.objects.count() == 5


def test_files_that_are_not_those_previewed_are_a_conflict(data):
    run = preview(data)
    name = f"{runs.FOLDER}/{run.stored_as}/0"
    default_storage.delete(name)
    with pytest.raises(Conflict, match="The files are gone"):
        runs.confirm(run=run, by=data)

    with default_storage.open(name, "wb") as file:
        file.write(b"CHILD\n")
    with pytest.raises(Conflict, match="not those that were previewed"):
        runs.confirm(run=run, by=data)
    assert Child.objects.count() == 0


def test_a_discarded_preview_is_forgotten(data, django_capture_on_commit_callbacks):
    run = preview(data)
    folder = run.stored_as
    with django_capture_on_commit_callbacks(execute=True):
        runs.discard(run=run, by=data)
    run.refresh_from_db()

    assert (run.state, run.stored_as, default_storage.exists(f"{runs.FOLDER}/{folder}")) == ("discarded", "", False)
    for act in (runs.confirm, runs.discard):
        with pytest.raises(Conflict, match="it is discarded"):
            act(run=run, by=data)


def test_a_preview_older_than_a_day_cannot_be_confirmed_and_is_discarded(data, clock):
    run = preview(data)
    clock.shift(timedelta(hours=25))
    with pytest.raises(Conflict, match="older than a day"):
        runs.confirm(run=run, by=data)

    runs.forget_expired()
    run.refresh_from_db()
    assert (run.state, runs.is_waiting(run)) == ("discarded", False)


def test_the_rows_of_an_old_report_are_forgotten_and_their_number_kept(data, clock):
    files = tables(children=[AMY | {"SEX": "X"}, BOB | {"CHILD": ""}])
    runs.import_now(kind=RETURN, files=files, options={"year": "2025"}, by=data)
    clock.shift(timedelta(days=31))
    runs.forget_expired()
    report = ImportRun.objects.get().report

    assert (report["refused"], report["flagged"], report["expired"]) == ([], [], {"refused": 1, "flagged": 1})


def test_the_night_forgets_what_waited_in_vain(data, clock, django_capture_on_commit_callbacks):
    """Nobody need preview anything again, and what the command line reported goes too."""
    run = preview(data)
    folder = f"{runs.FOLDER}/{run.stored_as}"
    runs.import_now(kind=RETURN, files=tables(children=[BOB | {"CHILD": ""}]), options={"year": "2025"}, by=None)
    clock.shift(timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        assert nights.run_now(today(), tasks.JOB) == {"discarded": 1, "emptied": 2}
    run.refresh_from_db()

    assert (run.state, run.stored_as, default_storage.exists(folder)) == ("discarded", "", False)
    assert [one.report["refused"] for one in ImportRun.objects.all()] == [[], []]


def test_the_night_leaves_what_waits_still(data, clock):
    run = preview(data)
    clock.shift(timedelta(hours=23))

    assert nights.run_now(today(), tasks.JOB) == {"discarded": 0, "emptied": 0}
    assert len(stored(run)) == 6


def test_the_digest_tells_files_names_and_options_apart():
    one = [SourceFile("a", b"bc"), SourceFile("d", b"")]
    found = {
        digest(one, {}),
        digest([SourceFile("ab", b"c"), SourceFile("d", b"")], {}),
        digest([SourceFile("a", b"bc")], {}),
        digest(one, {"year": "2025"}),
        digest(one, {"year": "2026"}),
    }

    assert (len(found), digest(one, {})) == (5, digest(list(one), {}))
