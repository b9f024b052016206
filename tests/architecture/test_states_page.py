"""docs/states.md says what the transition tables say."""

from pathlib import Path

import pytest

import attendance.workflow
import peps.workflow
import pupil_premium.workflow
import referrals.admissions_workflow
import referrals.sen_workflow
import referrals.workflow
from virtualschool.kernel.workflow import Workflow

PAGE = Path(__file__).parents[2] / "docs" / "states.md"
TITLES = {
    "Attendance": attendance.workflow,
    "PEPs": peps.workflow,
    "Risk and moves": referrals.workflow,
    "School places": referrals.admissions_workflow,
    "Special educational needs": referrals.sen_workflow,
    "Pupil Premium Plus lines": pupil_premium.workflow,
}


def tables() -> dict[str, Workflow]:
    return {
        f"{title}: {name}": value
        for title, module in TITLES.items()
        for name, value in vars(module).items()
        if isinstance(value, Workflow)
    }


def written() -> dict[str, list[list[str]]]:
    """The rows of each table on the page, by its heading."""
    found: dict[str, list[list[str]]] = {}
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            rows = found.setdefault(line[3:], [])
        elif line.startswith("| ") and not line.startswith("| event"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def test_the_page_has_every_table():
    assert sorted(written()) == sorted(tables())


@pytest.mark.parametrize("heading", sorted(tables()))
def test_a_table_is_as_the_code_has_it(heading):
    rows = [
        [row.event, ", ".join(sorted(map(str, row.sources))), str(row.target)] for row in tables()[heading].transitions
    ]
    assert written()[heading] == rows
