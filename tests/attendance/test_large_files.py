"""A large file of marks in which every kind of fault recurs: each row is in the report once, as taken, unchanged, doubted or refused."""

import io
import json
from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from attendance.models import AttendanceDay
from children.models import Child
from tests.factories.children import ChildFactory

pytestmark = pytest.mark.django_db
FIRST = date(2025, 9, 1)
CODES = ("/", "I", "N", "C1", "L")
# Of each hundred rows these are not as they should be; the others are marks.
FAULTS = {3: "unknown", 17: "code", 29: "year", 41: "twice", 53: "differs", 67: "to come", 83: "odd"}
REASONS = {
    "unknown": "No child with this id is known.",
    "code": "Not a code of the attendance register.",
    "year": "Not a date written dd/mm/yyyy, as the first date of this file is.",
    "differs": "Line {before} has another code for this session; that line was taken.",
    "to come": "This day is to come: it has no marks yet.",
    "odd": "A cell holds a control character or a byte that is no character.",
}
CHILDREN = 250


def session(place: int) -> tuple[int, date, str]:
    """The child, day and half of the row at a place; no two places share them."""
    child, half_days = place % CHILDREN, place // CHILDREN
    return child, FIRST + timedelta(days=half_days // 2), ("AM", "PM")[half_days % 2]


def row(place: int) -> str:
    fault = FAULTS.get(place % 100, "")
    child, on, half = session(place - 1 if fault in ("twice", "differs") else place)
    written, code = f"{on:%d/%m/%Y}", CODES[(place - (fault == "twice")) % len(CODES)]
    if fault == "year":
        written = f"{on:%d/%m/%y}"
    elif fault == "to come":
        written = "01/09/2027"
    name = f"nobody{place}" if fault == "unknown" else f"K{child}"
    code = {"code": "£", "odd": "\x07"}.get(fault, code)
    return f"{name};{written};{half};{code}"


def told_of(place: int) -> str:
    return REASONS[FAULTS[place % 100]].format(before=place + 1)


@pytest.fixture
def children():
    return Child.objects.bulk_create(ChildFactory.build(child_id=f"K{n}") for n in range(CHILDREN))


@pytest.mark.parametrize("rows", [1_000, pytest.param(100_000, marks=pytest.mark.prove)])
def test_nothing_of_a_large_file_is_lost(tmp_path, children, rows):
    path, out = tmp_path / "marks.csv", io.StringIO()
    text = "\n".join(["child_id;date;session;code", *map(row, range(rows))])
    path.write_bytes(text.encode("utf-16"))
    call_command("import_attendance", str(path), "--json", stdout=out, stderr=io.StringIO())
    report = json.loads(out.getvalue())

    faults = Counter(FAULTS.get(place % 100, "") for place in range(rows))
    counts = {name: report[name]["marks"] for name in ("created", "updated", "unchanged")}
    assert counts == {"created": faults[""], "updated": 0, "unchanged": faults["twice"]}
    wrong = [place for place in range(rows) if FAULTS.get(place % 100, "twice") != "twice"]
    assert [(one["line"], one["reason"]) for one in report["refused"]] == [(n + 2, told_of(n)) for n in wrong]
    held = AttendanceDay.objects.exclude(am=None).count() + AttendanceDay.objects.exclude(pm=None).count()
    assert held == faults[""]
