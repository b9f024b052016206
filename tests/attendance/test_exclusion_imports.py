"""A file of suspensions: every row is recorded, told or refused with its line; the same file again changes nothing."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from attendance.actions.exclusions import PAST
from attendance.checks.exclusions import suspended
from attendance.exclusions.evidence import SUSPENDED
from attendance.imports.exclusions import COLUMNS
from attendance.models import Exclusion
from children.models import Alert, Child, Clock, ImportRun
from tests import personas
from tests.factories.children import ChildFactory, EnrolmentFactory, SchoolFactory
from virtualschool.jobs.models import Message
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db
HEADER = "child_id,kind,start,last,reason"
NOTHING = {"exclusions": 0}
OLD = "A1,SUSP,2026-09-14,2026-09-15,DB"
NEW = "A1,SUSP,2026-11-09,2026-11-11,DB"


@pytest.fixture
def amy():
    return ChildFactory(child_id="A1", in_care=True, school=SchoolFactory(urn="100001"))


@pytest.fixture
def load(tmp_path, amy):
    def run(content, *options):
        path = tmp_path / "suspensions.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = io.StringIO()
        call_command("import_exclusions", str(path), "--json", *options, stdout=out, stderr=io.StringIO())
        return json.loads(out.getvalue())

    return run


def lines(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def remarks(report, word="refused"):
    return [(one["line"], one["column"], one["reason"]) for one in report[word]]


def held():
    return list(Exclusion.objects.order_by("start").values_list("kind", "start", "end", "sessions", "reasons"))


def told(child):
    """What somebody has to see to: alerts, clocks and mails."""
    return Alert.objects.filter(child=child).count(), Clock.objects.count(), Message.objects.count()


def test_a_file_twice(load, amy):
    text = lines(NEW, 'A1,permanent exclusion,10/11/2026,,"DB VA"')
    first, second = load(text), load(text)
    assert (first["created"], first["refused"], first["flagged"]) == ({"exclusions": 2}, [], [])
    assert (second["created"], second["updated"], second["unchanged"]) == (NOTHING, NOTHING, {"exclusions": 2})
    assert held() == [
        ("SUSP", date(2026, 11, 9), date(2026, 11, 12), 6, ["DB"]),
        ("PERM", date(2026, 11, 10), None, None, ["DB", "VA"]),
    ]
    assert {one.steps.get().event for one in Exclusion.objects.all()} == {"record"}


def test_what_goes_on_is_told_and_what_was_over_long_ago_is_kept_for_the_record(load, amy):
    personas.person("vsh")
    load(lines(OLD))
    old = Exclusion.objects.get()
    assert (told(amy), old.steps.get().event) == ((0, 0, 0), PAST)
    assert list(suspended(on=today(), children=Child.objects.all())) == []
    load(lines(NEW))
    assert (Alert.objects.get(check_name=SUSPENDED).natural_key, Message.objects.count()) == (
        Exclusion.objects.first().matter,
        1,
    )
    assert Clock.objects.running().exists()


def test_of_a_child_who_is_not_in_care_nobody_is_told(load):
    EnrolmentFactory(child__child_id="G1", child__in_care=False, school__urn="100002")
    report = load(lines("G1,SUSP,2026-11-09,2026-11-11,DB"))
    assert (report["created"], Exclusion.objects.get().steps.get().event) == ({"exclusions": 1}, PAST)


def test_rows_that_cannot_be_taken_are_refused_with_their_line(load, amy):
    EnrolmentFactory(child=amy, school__urn="100002", start=date(2025, 9, 1), end=date(2026, 1, 5))
    ChildFactory(child_id="S9", sealed=True)
    report = load(
        lines(
            "ZZ,SUSP,2026-11-09,2026-11-11,DB,",
            "S9,SUSP,2026-11-09,2026-11-11,DB,",
            ",SUSP,2026-11-09,2026-11-11,DB,",
            "A1,EXPL,2026-11-09,2026-11-11,DB,",
            "A1,,2026-11-09,2026-11-11,DB,",
            "A1,SUSP,09/11/26,2026-11-11,DB,",
            "A1,SUSP,2026-11-09,11/11/26,DB,",
            "A1,SUSP,2026-11-31,2026-11-11,DB,",
            "A1,SUSP,,2026-11-11,DB,",
            "A1,SUSP,2026-11-09,,DB,",
            "A1,SUSP,2026-11-11,2026-11-09,DB,",
            "A1,SUSP,2024-11-11,2026-11-09,DB,",
            "A1,SUSP,2026-11-09,2026-11-11,QQ,",
            "A1,SUSP,2026-11-09,2026-11-11,,",
            "A1,SUSP,2026-11-09,2026-11-11,DB VA PP PA,",
            "A1,SUSP,2027-02-08,2027-02-09,DB,",
            "A1,SUSP,2026-11-07,2026-11-08,DB,",
            "A1,SUSP,2026-11-09,2026-11-11,DB,999999",
            "A1,PERM,2025-11-04,,DB,100002",
            header=f"{HEADER},urn",
        )
    )
    written = "Not a date written dd/mm/yyyy or yyyy-mm-dd."
    left = "The child has left this school. Record the permanent exclusion, and what became of it, on the child’s page."
    assert remarks(report) == [
        (2, "child_id", "No child with this id is known."),
        (3, "child_id", "No child with this id is known."),
        (4, "child_id", "Missing."),
        (5, "kind", "Not a kind: SUSP, LNCH or PERM."),
        (6, "kind", "Missing."),
        (7, "start", written),
        (8, "last", written),
        (9, "start", written),
        (10, "start", "Missing."),
        (11, "last", "Missing."),
        (12, "last", "It ends before it begins."),
        (13, "last", "Longer than a year. Check the dates."),
        (14, "reason", "Not a reason of the Department’s list."),
        (15, "reason", "Missing."),
        (16, "reason", "Give one to three different reasons of the list."),
        (17, "start", "This day is more than a month ahead. Check the date."),
        (18, "last", "No school day lies between these days. Check them, or give the half days."),
        (19, "school_urn", "The child was not on this school’s roll on 9 November 2026."),
        (20, "kind", left),
    ]
    assert (report["flagged"], held()) == ([], [])


def test_a_row_that_differs_is_told_and_what_was_empty_is_filled_in(load, amy):
    load(lines(NEW, header=HEADER))
    more = "child_id,kind,start,last,reason,alternatives,provision,provision_from"
    text = lines("A1,SUSP,2026-11-09,2026-11-12,VA,A mentor,The Lodge,2026-11-10", header=more)
    first, second = load(text), load(text)
    assert remarks(first, "flagged") == [
        (2, "last", "Recorded with 11 November 2026 as the last day. That stays; correct it on its own page."),
        (2, "reason", "Recorded as DB. That stays; correct it on its own page."),
    ]
    assert (first["updated"], second["updated"], second["unchanged"]) == ({"exclusions": 1}, NOTHING, {"exclusions": 1})
    one = Exclusion.objects.get()
    assert (one.alternatives, one.provision, one.provision_from) == ("A mentor", "The Lodge", date(2026, 11, 10))


def test_the_same_row_twice_and_days_that_overlap(load, amy):
    report = load(lines(NEW, NEW, "A1,SUSP,2026-11-10,2026-11-13,DB"))
    assert (report["created"], report["unchanged"]) == ({"exclusions": 1}, {"exclusions": 1})
    [(line, column, reason)] = remarks(report)
    assert (line, column, reason[:48]) == (4, "start", "There is a record of this kind for these days al")


def test_one_that_is_proposed_stays_so_and_the_file_is_not_passed_over(load, amy):
    row = "A1,PERM,2026-11-09,,DB"
    load(lines(row))
    Exclusion.objects.update(state="proposed", given_on=None)
    reason = "Recorded as proposed. That stays; say on its own page that the head has decided."
    assert remarks(load(lines(row)), "flagged") == [(2, "kind", reason)]
    assert Exclusion.objects.get().state == "proposed"


def test_one_that_was_struck_out_does_not_come_back(load, amy):
    load(lines(OLD))
    Exclusion.objects.update(state="struck")
    report = load(lines(OLD))
    assert report["unchanged"] == {"exclusions": 1}
    assert remarks(report, "flagged") == [(2, "start", "Recorded, and entered by mistake: it stays as it is.")]
    assert remarks(load(lines("A1,SUSP,2026-09-21,2026-09-21,DB,upheld", header=f"{HEADER},state"))) == [
        (2, "state", "Only those that stand as given are read. Record this one on the child’s page.")
    ]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "end"),
    [("utf-8-sig", ",", "\n"), ("utf-16", ";", "\r\n"), ("cp1252", "\t", "\r\n")],
)
def test_files_as_they_are_saved(load, encoding, delimiter, end):
    header = "Council’s id,Kind,First day,First day back,Half days,Reasons"
    text = lines("A1,lunchtime,14/09/2026,15/09/2026,1,DB VA", header=header).replace(",", delimiter).replace("\n", end)
    report = load(text.encode(encoding))
    assert (report["created"], report["refused"], report["flagged"]) == ({"exclusions": 1}, [], [])
    assert held() == [("LNCH", date(2026, 9, 14), date(2026, 9, 15), 1, ["DB", "VA"])]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty, or its first line is."),
        (b"PK\x03\x04junk", "This is a ZIP archive or an Excel workbook, not a CSV file."),
        (b"child_id,start\n", "must have the columns kind, reason."),
        (b"kind,start,reason,start date\n", "names a column twice"),
        (b"kind,start,reason\n", "child_id or upn"),
        (b"\xff\xfec\x00h", "it was cut short"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(load, content, reason):
    with pytest.raises(CommandError, match="Nothing was imported") as caught:
        load(content)
    assert (caught.value.returncode, reason in str(caught.value)) == (2, True)


def test_odd_bytes_are_refused_with_their_line(load):
    report = load(b"child_id,kind,start,last,reason\nA1,SU\x00SP,2026-11-09,,DB\nA1,\xed\xa0\x80,2026-11-09,,DB\n")
    assert [line for line, _, _ in remarks(report)] == [2, 3]
    assert (
        load(lines(f"A1,SUSP,2026-09-14,2026-09-15,DB,{'x' * 5000}", header=f"{HEADER},alternatives"))["created"]
        == NOTHING
    )


def test_the_page_previews_and_imports_once(client, amy):
    client.force_login(personas.person("data"))
    file = io.BytesIO(lines(OLD, "ZZ,SUSP,2026-09-14,2026-09-15,DB").encode())
    file.name = "suspensions.csv"
    client.post(reverse("imports:upload"), {"kind": "exclusions", "files": [file]})
    run = ImportRun.objects.get()
    shown = client.get(reverse("imports:detail", args=[run.uuid])).content.decode()
    assert ("suspensions.csv line 3" in shown, Exclusion.objects.count()) == (True, 0)
    for status in (302, 409):
        assert client.post(reverse("imports:confirm", args=[run.uuid])).status_code == status
    assert Exclusion.objects.count() == 1


def test_no_name_of_a_column_means_two_things():
    names = [name for column, others in COLUMNS.items() for name in (column, *others)]
    assert len(names) == len(set(names))
