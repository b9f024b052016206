"""Any collector's file by its source's mapping: shapes give equal marks, what does not fit is refused, what changed is noticed."""

import io
import json
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from attendance.actions import mappings as actions
from attendance.enums import DateFormat, FileShape
from attendance.imports import samples
from attendance.imports.layout import FIXED, Layout, day_written, suggested
from attendance.models import AttendanceDay, SourceMapping
from children.imports import runs
from children.models import ImportRun
from tests.factories.accounts import UserFactory
from tests.factories.attendance import MarkSourceFactory, SourceMappingFactory
from tests.factories.children import ChildFactory
from virtualschool.audit.models import Change
from virtualschool.kernel.verdicts import Conflict, Refused

WEEK = tuple(f"{day} {half}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri") for half in ("AM", "PM"))
WEEKLY = Layout(FileShape.WEEK, "Week beginning", WEEK, council_id="Ref", date_format=DateFormat.TWO_DIGITS)
DAILY = Layout(FileShape.DAY, "Day", ("AM", "PM"), council_id="Ref", date_format=DateFormat.DAY_FIRST)
SESSIONS = Layout(
    FileShape.SESSION, "When", ("Mark",), council_id="Ref", session="Half", date_format=DateFormat.YEAR_FIRST
)
DAY_FILE = "Ref,Day,AM,PM\n"
FIRST_WEEK = "A1,02/11/26,/,\\,I,,,,,,L,M"
SAME_BY_DAY = "A1,02/11/2026,/,\\\nA1,3/11/2026,i,\nA1,06/11/2026,L,M\n"
SAME_BY_SESSION = (
    "A1,2026-11-02,AM,/\nA1,2026-11-02,afternoon,\\\nA1,2026-11-03,AM,I\nA1,2026-11-06,Am,L\nA1,2026-11-06,PM,M\n"
)


# ---------------------------------------------------------------- without a database


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("2026-11-30", DateFormat.YEAR_FIRST, date(2026, 11, 30)),
        ("30/11/2026", DateFormat.DAY_FIRST, date(2026, 11, 30)),
        ("3/1/2026", DateFormat.DAY_FIRST, date(2026, 1, 3)),
        ("30-11-2026", DateFormat.DASHES, date(2026, 11, 30)),
        ("30.11.2026", DateFormat.DOTS, date(2026, 11, 30)),
        ("30/11/26", DateFormat.TWO_DIGITS, date(2026, 11, 30)),
        ("20261130", DateFormat.TOGETHER, date(2026, 11, 30)),
        ("30/11/26", DateFormat.DAY_FIRST, None),
        ("30/11/2026", DateFormat.TWO_DIGITS, None),
        ("31/11/2026", DateFormat.DAY_FIRST, None),
        ("29/02/2026", DateFormat.DAY_FIRST, None),
        ("٣٠/11/2026", DateFormat.DAY_FIRST, None),
        ("0000-01-01", DateFormat.YEAR_FIRST, None),
        ("", DateFormat.DAY_FIRST, None),
    ],
)
def test_a_date_is_read_in_its_own_format_alone(text, kind, day):
    assert day_written(text, kind) == day


@pytest.mark.parametrize(
    ("columns", "row", "layout"),
    [
        (
            ("UPN", "Date", "Session", "Code"),
            {"Date": "2026-11-02"},
            Layout("session", "Date", ("Code",), upn="UPN", session="Session", date_format="yyyy-mm-dd"),
        ),
        (
            ("Child ID", "DATE", "pm mark", "am mark"),
            {"DATE": "02/11/26"},
            Layout("day", "DATE", ("am mark", "pm mark"), council_id="Child ID", date_format="dd/mm/yy"),
        ),
        (
            ("upn", "Week Commencing", *WEEK[::-1]),
            {"Week Commencing": "02.11.2026"},
            Layout("week", "Week Commencing", WEEK, upn="upn", date_format="dd.mm.yyyy"),
        ),
        (
            ("Monday_Morning", "Wednesday PM"),
            {},
            Layout("week", "", ("Monday_Morning", "", "", "", "", "Wednesday PM", "", "", "", "")),
        ),
        (("x", "y"), {}, Layout("session", "", ("",))),
    ],
)
def test_the_header_suggests_a_mapping(columns, row, layout):
    assert suggested(columns, row) == layout


@pytest.mark.parametrize(
    ("layout", "fields"),
    [
        (DAILY, []),
        (WEEKLY, []),
        (SESSIONS, []),
        (replace(DAILY, council_id=""), ["upn"]),
        (replace(DAILY, date=""), ["date"]),
        (replace(DAILY, date_format="any"), ["date_format"]),
        (replace(SESSIONS, session=""), ["session"]),
        (replace(SESSIONS, marks=("",)), ["code"]),
        (replace(DAILY, marks=("AM", "")), ["am"]),
        (replace(WEEKLY, marks=WEEK[:9]), ["week"]),
        (replace(DAILY, marks=("AM", "am")), ["shape"]),
        (replace(DAILY, upn="REF"), ["shape"]),
    ],
)
def test_a_mapping_says_all_that_is_needed_and_nothing_twice(layout, fields):
    assert list(layout.problems()) == fields


@pytest.mark.parametrize(
    ("layout", "columns", "missing"),
    [
        (FIXED, ("upn", "date", "session", "code"), []),
        (FIXED, ("date", "code"), ["upn or child_id", "session"]),
        (DAILY, ("Ref", "Day", "AM"), ["PM"]),
        (replace(DAILY, upn="UPN"), ("Ref", "AM", "PM"), ["UPN", "Day"]),
    ],
)
def test_what_a_file_lacks_is_named(layout, columns, missing):
    assert layout.missing(columns) == missing


def test_a_sample_is_the_header_and_a_few_rows_and_no_formula():
    rows = "".join(f'A{n},"=1+1 ",{"x" * 300}\n' for n in range(9))
    sample = samples.sample_of(("Ref;Day;AM\n" + rows.replace(",", ";")).encode("utf-16"))
    assert sample.splitlines() == ["Ref,Day,AM", *(f"A{n},'=1+1,{'x' * 100}" for n in range(5))]
    assert (samples.columns_of(sample), samples.columns_of(""), samples.columns_of("\ud800")) == (
        ("Ref", "Day", "AM"),
        (),
        (),
    )


# ---------------------------------------------------------------- reading


@pytest.fixture
def data(db):
    return UserFactory(role="data")


@pytest.fixture
def amy(db):
    return ChildFactory(child_id="A1")


def map_to(layout, source="collector"):
    facts = {
        name: getattr(layout, name)
        for name in ("shape", "upn", "council_id", "date", "date_format", "session", "marks")
    }
    return SourceMappingFactory(source=MarkSourceFactory(name=source), **facts)


@pytest.fixture
def load(tmp_path, amy):
    def run(content, source="Collector"):
        path = tmp_path / "marks.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        call_command("import_attendance", str(path), "--json", "--source", source, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue())

    return run


def held():
    return list(AttendanceDay.objects.order_by("child_id", "date").values_list("date", "am", "pm"))


def told(report, kind="refused"):
    return [(one["file"], one["line"], one["column"], one["value"]) for one in report[kind]]


def test_every_shape_gives_equal_marks_and_a_second_time_nothing(load):
    map_to(WEEKLY, "by week")
    map_to(DAILY, "by day")
    map_to(SESSIONS, "by session")
    files = {
        "by week": f"ref,week beginning,{','.join(WEEK)}\n{FIRST_WEEK}\n",
        "by day": DAY_FILE + SAME_BY_DAY,
        "by session": "Ref,When,Half,Mark\n" + SAME_BY_SESSION,
    }
    first = load(files["by week"], "By  Week")
    days = [(date(2026, 11, 2), "/", "\\"), (date(2026, 11, 3), "I", None), (date(2026, 11, 6), "L", "M")]
    assert (first["created"]["marks"], first["refused"], held()) == (5, [], days)
    for source, text in files.items():
        again = load(text, source)
        assert (again["created"], again["unchanged"]["marks"], again["refused"]) == ({"marks": 0, "disputes": 0}, 5, [])
    assert held() == days


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [("utf-8-sig", ",", "\n"), ("utf-16", ";", "\r\n"), ("utf-8", ";", "\n"), ("cp1252", "\t", "\r\n")],
)
def test_a_mapped_file_may_be_saved_in_any_way(load, encoding, delimiter, end):
    map_to(DAILY)
    text = (DAY_FILE + SAME_BY_DAY).replace(",", delimiter).replace("\n", end)
    report = load(text.encode(encoding))
    assert (report["created"]["marks"], report["refused"]) == (5, [])


def test_what_cannot_be_taken_is_named_with_file_line_column_and_value(load):
    map_to(DAILY)
    rows = [
        "ZZ,02/11/2026,/,\\",  # unknown
        "A1,02/11/26,/,\\",  # two digits
        "A1,02/11/2026,£,\\",  # a wrong code beside a right one
        "A1,16/08/2024,H,J",  # withdrawn since, in use then
        "A1,19/08/2024,H,/",
        "A1,03/11/2026,/,\\",
        "A1,03/11/2026,/,N",  # the same, and another
        "A1,04/11/2026,,",
        "A1,01/01/2030,/,\\",
        "A1,05/11/2026,/\0,\\",
        ",05/11/2026,/,\\",
        "A1",
    ]
    report = load(DAY_FILE + "\n".join(rows) + "\n")
    assert told(report) == [
        ("marks.csv", 2, "Ref", "ZZ"),
        ("marks.csv", 3, "Day", "02/11/26"),
        ("marks.csv", 4, "AM", "£"),
        ("marks.csv", 6, "AM", "H"),
        ("marks.csv", 8, "PM", "N"),
        ("marks.csv", 10, "Day", "01/01/2030"),
        ("marks.csv", 11, "AM", "/\ufffd"),
        ("marks.csv", 12, "Ref", ""),
        ("marks.csv", 13, "Day", ""),
    ]
    assert told(report, "flagged") == [("marks.csv", 9, "AM", "")]
    assert (report["created"]["marks"], report["unchanged"]["marks"]) == (6, 1)


def test_a_week_begins_on_a_monday_and_has_no_marks_of_days_to_come(load):
    map_to(WEEKLY)
    header = f"Ref,Week beginning,{','.join(WEEK)}\n"
    report = load(header + "A1,03/11/26,/,/,/,/,/,/,/,/,/,/\nA1,09/11/26,/,\\,,,,,,,,/\n")
    assert told(report) == [("marks.csv", 2, "Week beginning", "03/11/26"), ("marks.csv", 3, "Fri PM", "/")]
    assert held() == [(date(2026, 11, 9), "/", "\\")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "The file is empty"),
        (b"\0\0\0", "not a row of column names"),
        (b"Ref,Day,AM\nA1,02/11/2026,/\n", "must have the columns PM. It has: Ref, Day, AM"),
        (b"upn,date,session,code\n", "must have the columns Ref, Day, AM, PM"),
    ],
)
def test_a_file_that_does_not_fit_its_sources_mapping_is_refused_whole(load, content, why):
    map_to(DAILY)
    with pytest.raises(CommandError, match=why):
        load(content)
    assert held() == []


def test_a_header_alone_has_no_marks(load):
    map_to(DAILY)
    assert load(DAY_FILE)["created"] == {"marks": 0, "disputes": 0}


# ---------------------------------------------------------------- keeping a mapping


def test_a_mapping_is_kept_once_changed_by_one_at_a_time_and_has_a_history(data):
    mapping = actions.add_mapping(source="New  One", layout=DAILY, by=data)
    assert actions.add_mapping(source="new one", layout=DAILY, by=data) == mapping
    with pytest.raises(ValidationError):
        actions.add_mapping(source="new one", layout=WEEKLY, by=data)
    changed = actions.change_mapping(mapping=mapping, layout=WEEKLY, seen=1, by=data)
    assert (changed.layout, changed.version) == (WEEKLY, 2)
    assert actions.change_mapping(mapping=mapping, layout=WEEKLY, seen=1, by=data).version == 2
    with pytest.raises(Conflict):
        actions.change_mapping(mapping=mapping, layout=SESSIONS, seen=1, by=data)
    kept = Change.objects.filter(table_name="attendance_sourcemapping").order_by("pk")
    assert [(one.old or {}).get("shape") for one in kept] == [None, "day"]


def test_a_mapping_that_is_removed_keeps_its_history_and_the_next_goes_on_from_it(data, load, amy):
    mapping = actions.add_mapping(source="One", layout=DAILY, by=data)
    assert load(DAY_FILE + "A1,02/11/2026,/,I\n", source="one")["created"]["marks"] == 2
    with pytest.raises(Conflict):
        actions.remove_mapping(mapping=mapping, seen=7, by=data)
    actions.remove_mapping(mapping=mapping, seen=1, by=data)
    with pytest.raises(CommandError, match="must have the columns"):
        load(DAY_FILE, source="one")
    for act in (actions.remove_mapping, partial(actions.change_mapping, layout=WEEKLY)):
        with pytest.raises(Conflict):
            act(mapping=mapping, seen=1, by=data)
    assert (list(SourceMapping.objects.visible_to(data)), AttendanceDay.objects.get().am_source) == (
        [],
        mapping.source_id,
    )
    again = actions.add_mapping(source="one", layout=WEEKLY, by=data)
    assert (again.pk, again.version, again.removed_on) == (mapping.pk, 2, None)


def test_a_source_is_renamed_but_not_where_a_rule_knows_it_and_not_like_another(data):
    mapping = actions.add_mapping(source="colector", layout=DAILY, by=data)
    assert actions.rename_source(mapping=mapping, name=" The  Collector", by=data).source.name == "the collector"
    MarkSourceFactory(name="other one")
    for name in ("other one", "school", "other", " ", "x" * 41):
        with pytest.raises(ValidationError):
            actions.rename_source(mapping=mapping, name=name, by=data)
    known = actions.add_mapping(source="collection", layout=DAILY, by=data)
    with pytest.raises(ValidationError, match="knows collection by its name"):
        actions.rename_source(mapping=known, name="another", by=data)
    for act in (partial(actions.rename_source, name="z"), partial(actions.remove_mapping, seen=1)):
        with pytest.raises(Refused):
            act(mapping=mapping, by=UserFactory(role="coordinator"))


def test_nobody_else_keeps_one(db):
    with pytest.raises(Refused):
        actions.add_mapping(source="x", layout=DAILY, by=UserFactory(role="coordinator"))
    for source in (" ", "x" * 41):
        with pytest.raises(ValidationError):
            actions.add_mapping(source=source, layout=DAILY, by=UserFactory(role="vsh"))


# ---------------------------------------------------------------- pages


def upload(text):
    return SimpleUploadedFile("marks.csv", text.encode())


@pytest.fixture
def signed_in(client, data):
    client.force_login(data)
    return client


ADD = "attendance:mapping_add"


def test_from_a_new_file_to_a_saved_mapping(signed_in, amy):
    page = signed_in.post(
        reverse(ADD), {"source": "Collector", "file": upload("Child ID,Date,AM,PM\nA1,02/11/2026,/,Q9\n")}
    )
    form = page.context["form"]
    sent = {name: value for name, value in form.initial.items() if value}
    assert (sent["shape"], sent["date_format"], sent["am"], sent["pm"]) == ("day", "dd/mm/yyyy", "AM", "PM")
    assert [row[1].cell.text for row in page.context["marks"].rows] == ["Mon 2 November 2026"]
    assert [row[2].cell.text for row in page.context["wrong"].rows] == ["Q9"]
    looked = signed_in.post(reverse(ADD), sent | {"look": "1", "am": "Nowhere"})
    assert "must have the columns Nowhere. It has: " in looked.context["unfit"]
    assert not SourceMapping.objects.exists()
    saved = signed_in.post(reverse(ADD), sent | {"submitted": "1"})
    assert (saved.status_code, SourceMapping.objects.get().layout.marks) == (302, ("AM", "PM"))
    listed = signed_in.get(reverse("attendance:mappings"))
    assert listed.context["table"].rows[0][0].cell.text == "collector"


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        ({"upn": "\0"}, 400),
        ({"sample": '"\0'}, 400),
        ({"sample": "x" * 200_000}, 413),
        ({"sample": '"'}, 200),
        ({"shape": "year"}, 200),
        ({"shape": "week", "week-0-am": "x" * 101}, 200),
        ({"seen": "9" * 40}, 200),
        ({"date": "d" * 101}, 200),
    ],
)
def test_odd_answers_change_nothing(signed_in, odd, status):
    mapping = map_to(DAILY)
    sent = {"council_id": "Ref", "date": "Day", "date_format": "dd/mm/yyyy", "shape": "day", "am": "A", "pm": "P"}
    page = signed_in.post(mapping.get_absolute_url(), sent | {"look": "1", "seen": "1", "sample": "Ref\n"} | odd)
    assert page.status_code == status
    mapping.refresh_from_db()
    assert mapping.version == 1


def test_a_stale_page_is_a_conflict(signed_in, data):
    mapping = map_to(DAILY)
    actions.change_mapping(mapping=mapping, layout=WEEKLY, seen=1, by=data)
    sent = {"council_id": "Ref", "date": "Day", "date_format": "dd/mm/yyyy", "shape": "day", "am": "A", "pm": "P"}
    page = signed_in.post(mapping.get_absolute_url(), sent | {"seen": "1", "sample": "", "submitted": "1"})
    assert page.status_code == 409


def test_a_mapping_that_changed_after_the_preview_is_noticed(signed_in, data, amy):
    mapping = map_to(DAILY)
    page = signed_in.post(
        reverse("attendance:mapping_file", args=[mapping.uuid]), {"file": upload(DAY_FILE + "A1,02/11/2026,/,I\n")}
    )
    run = ImportRun.objects.get()
    assert page.url == reverse("imports:detail", args=[run.uuid])
    swapped = replace(DAILY, marks=DAILY.marks[::-1])
    actions.change_mapping(mapping=mapping, layout=swapped, seen=1, by=data)
    assert (runs.confirm(run=run, by=data), held()) == (False, [])
    assert (runs.confirm(run=run, by=data), held()) == (True, [(date(2026, 11, 2), "I", "/")])


def test_renaming_and_removing_on_pages(signed_in, data):
    mapping = actions.add_mapping(source="One", layout=DAILY, by=data)
    rename, remove = (reverse(f"attendance:mapping_{name}", args=[mapping.uuid]) for name in ("rename", "remove"))
    assert signed_in.post(rename, {"source": "school"}).context["form"].errors
    assert signed_in.post(rename, {"source": "Two"}).status_code == 302
    told = signed_in.get(mapping.get_absolute_url()).context["events"].rows
    assert [row[2].cell.text for row in told] == ["one became two", "Version 1"]
    assert signed_in.post(remove, {"seen": "x"}).status_code == 200
    assert signed_in.post(remove, {"seen": "9"}).status_code == 409
    assert [signed_in.post(remove, {"seen": "1"}).status_code for _ in range(2)] == [302, 404]
