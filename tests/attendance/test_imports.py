"""A collector's file: every row is taken, told or refused with its line; the same file again changes nothing."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from attendance.models import AttendanceDay, MarkDispute
from children.upn import check_letter
from tests.factories.attendance import mark
from tests.factories.children import ChildFactory

pytestmark = pytest.mark.django_db
HEADER = "child_id,date,session,code"


def number(rest: str) -> str:
    return check_letter(rest) + rest


@pytest.fixture
def amy():
    return ChildFactory(child_id="A1", upn=number("823432112345"))


@pytest.fixture
def load(tmp_path, amy):
    def run(content, *options, name="marks.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out, errors = io.StringIO(), io.StringIO()
        call_command("import_attendance", str(path), "--json", *options, stdout=out, stderr=errors)
        return json.loads(out.getvalue())

    return run


def lines(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def held():
    return list(AttendanceDay.objects.order_by("child_id", "date").values_list("child__child_id", "date", "am", "pm"))


def refusals(report):
    return [(one["line"], one["column"], one["reason"]) for one in report["refused"]]


def test_a_file_twice(load):
    text = lines("A1,2026-11-02,AM,/", "A1,2026-11-02,PM,\\", "A1,2026-11-03,am,i")
    first, second = load(text), load(text)
    assert first == {
        "created": {"marks": 3, "disputes": 0},
        "updated": {"marks": 0, "disputes": 0},
        "unchanged": {"marks": 0, "disputes": 0},
        "dry_run": False,
        "flagged": [],
        "refused": [],
    }
    assert (second["created"]["marks"], second["unchanged"]["marks"]) == (0, 3)
    assert held() == [("A1", date(2026, 11, 2), "/", "\\"), ("A1", date(2026, 11, 3), "I", None)]


def test_a_child_is_found_by_upn_by_id_and_by_both_when_they_agree(load, amy):
    ChildFactory(child_id="B2", upn=number("823432100000"), former_upn=number("999999999999"))
    report = load(
        lines(
            f"{amy.upn},,2026-11-02,AM,/",
            f"{amy.upn.lower()},A1,2026-11-02,PM,/",
            f"{number('999999999999')},,2026-11-02,AM,/",
            "UN4,A1,2026-11-03,AM,/",
            f"{amy.upn},B2,2026-11-04,AM,/",
            header="UPN,Child ID,Date,Session,Code",
        )
    )
    assert report["created"]["marks"] == 4
    assert refusals(report) == [(6, "upn", "This is the UPN of another child than the id says.")]


def test_rows_that_cannot_be_taken_are_refused_once_with_their_line(load):
    twins = [ChildFactory(upn=number("823432155555")) for _ in range(2)]
    ChildFactory(child_id="S9", sealed=True)
    report = load(
        lines(
            "ZZ,,2026-11-02,AM,/",
            ",T123,2026-11-02,AM,/",
            f",{twins[0].upn},2026-11-02,AM,/",
            "S9,,2026-11-02,AM,/",
            ",,2026-11-02,AM,/",
            "A1,,2026-11-31,AM,/",
            "A1,,,AM,/",
            "A1,,02/11/2026,AM,/",
            "A1,,2026-11-11,AM,/",
            "A1,,1989-11-10,AM,/",
            "A1,,2026-11-02,evening,/",
            "A1,,2026-11-02,,/",
            "A1,,2026-11-02,AM,£",
            "A1,,2026-11-02,AM,",
            "A1,,2026-11-02,AM,Y",
            header="child_id,upn,date,session,code",
        )
    )
    written = "Not a date written yyyy-mm-dd, as the first date of this file is."
    assert refusals(report) == [
        (2, "child_id", "No child with this id is known."),
        (3, "upn", "No child with this UPN is known."),
        (4, "upn", "Two children hold this UPN. Give the council's id."),
        (5, "child_id", "No child with this id is known."),
        (6, "child_id", "Missing."),
        (7, "date", written),
        (8, "date", "Missing."),
        (9, "date", written),
        (10, "date", "This day is to come: it has no marks yet."),
        (11, "date", "No marks are kept from before 1990."),
        (12, "session", "Not a session: AM or PM."),
        (13, "session", "Missing."),
        (14, "code", "Not a code of the attendance register."),
        (15, "code", "Missing."),
        (16, "code", "This code was withdrawn on 19 August 2024."),
    ]
    assert held() == []


@pytest.mark.parametrize("code", ["H", "J", "Y"])
def test_withdrawn_codes_are_taken_for_the_days_on_which_they_held(load, code):
    report = load(lines(f"A1,2024-08-18,AM,{code}", f"A1,2024-08-19,AM,{code}"))
    assert report["created"]["marks"] == 1
    assert refusals(report) == [(3, "code", "This code was withdrawn on 19 August 2024.")]


def test_a_code_before_its_time_is_kept_and_told(load):
    report = load(lines("A1,2024-08-18,AM,Y1", "A1,2024-08-19,AM,Y1"))
    assert report["created"]["marks"] == 2
    assert [(one["line"], one["value"]) for one in report["flagged"]] == [(2, "Y1")]


def test_the_same_row_twice_is_one_mark_and_another_code_is_refused(load):
    report = load(lines("A1,2026-11-02,AM,/", "A1,2026-11-02,AM,/", "A1,2026-11-02,AM,N"))
    assert (report["created"]["marks"], report["unchanged"]["marks"]) == (1, 1)
    assert refusals(report) == [(4, "code", "Line 2 has another code for this session; that line was taken.")]


def test_another_source_is_listed_and_told(load, amy):
    mark(amy, date(2026, 11, 2), "/", "\\")
    text = lines("A1,2026-11-02,AM,N", "A1,2026-11-02,PM,\\")
    first, second = load(text, "--source", "Collector"), load(text, "--source", "collector")
    assert [(one["line"], one["reason"]) for one in first["flagged"]] == [
        (2, "school says / and is believed; this is listed beside it.")
    ]
    assert (first["created"], first["unchanged"]) == ({"marks": 0, "disputes": 1}, {"marks": 1, "disputes": 0})
    assert (second["created"], second["unchanged"]) == ({"marks": 0, "disputes": 0}, {"marks": 1, "disputes": 1})
    assert MarkDispute.objects.open().count() == 1


def test_a_dry_run_keeps_nothing(load):
    report = load(lines("A1,2026-11-02,AM,/"), "--dry-run")
    assert (report["dry_run"], report["created"]["marks"], held()) == (True, 1, [])


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [
        ("utf-8-sig", ",", "\n"),
        ("utf-16", ",", "\r\n"),
        ("utf-8", ";", "\r\n"),
        ("utf-8", "\t", "\n"),
        ("cp1252", ",", "\r\n"),
    ],
)
def test_files_as_they_are_saved(load, encoding, delimiter, end):
    text = lines("A1,02/11/2026,AM,/", "A1,02/11/2026,PM,\\", 'A1,"03/11/2026 ",AM,L').replace(",", delimiter)
    report = load(text.replace("\n", end).encode(encoding))
    assert (report["created"]["marks"], report["refused"]) == (3, [])


def test_two_digit_years_are_refused(load):
    report = load(lines("A1,02/11/26,AM,/", "A1,2/11/2026,AM,/"))
    assert [(line, column) for line, column, _ in refusals(report)] == [(2, "date"), (3, "date")]
    assert held() == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty, or its first line is."),
        (b"\n\n", "The file is empty, or its first line is."),
        (b"PK\x03\x04junk", "This is a ZIP archive or an Excel workbook, not a CSV file."),
        (b"date,session,code\n", "columns child_id or upn"),
        (b"child_id,day,code\n", "columns date, session"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(load, content, reason):
    with pytest.raises(CommandError, match="Nothing was imported") as caught:
        load(content)
    assert caught.value.returncode == 2
    assert reason.replace("child_id or upn", "upn or child_id") in str(caught.value)


def test_a_missing_file_and_a_source_without_a_name_are_refused(load, tmp_path):
    with pytest.raises(CommandError) as caught:
        call_command("import_attendance", str(tmp_path / "none.csv"))
    assert caught.value.returncode == 2
    with pytest.raises(CommandError, match="name of a source"):
        load(lines("A1,2026-11-02,AM,/"), "--source", " ")


def test_a_header_alone_is_an_empty_file_of_marks(load):
    assert load(lines())["created"] == {"marks": 0, "disputes": 0}


def test_a_column_that_is_not_read_is_told(load):
    report = load(lines("A1,2026-11-02,AM,/,x", header=HEADER + ",minutes late"))
    assert [(one["line"], one["column"]) for one in report["flagged"]] == [(1, "minutes_late")]


def test_many_rows_take_no_more_queries(load, tmp_path, django_assert_max_num_queries):
    ChildFactory.create_batch(3)
    rows = [f"A1,{date(2026, 1, 1 + n // 2)},{('AM', 'PM')[n % 2]},/" for n in range(60)]
    with django_assert_max_num_queries(36):
        load(lines(*rows[:2]))
    with django_assert_max_num_queries(36):
        assert load(lines(*rows))["created"]["marks"] == 58
