"""What `make bench` compares is the same question: ours, the loop over children, and a few lines over the marks themselves."""

import random
from datetime import date

import pytest

from attendance.codes import CODES
from attendance.marking import record_marks
from scripts.bench import contenders
from tests.factories.attendance import weekdays
from tests.factories.children import ChildFactory

pytestmark = pytest.mark.django_db
ON = date(2026, 7, 10)
DAYS = weekdays(date(2026, 2, 2), ON)
ABSENT = ("I", "N", "O", "U", "D", "N")
UNEXPLAINED = {"N", "O"}


def drawn(child, rng):
    """Spells of absence, more of them lately for some."""
    share, lately, code = rng.choice((0.02, 0.1, 0.6)), rng.choice((0, 0.5)), "/"
    for day in DAYS:
        away = rng.random() < share + (lately if day.month > 5 else 0)
        code = (code if code != "/" and rng.random() < 0.6 else rng.choice(ABSENT)) if away else "/"
        yield child.pk, day, code, code if rng.random() < 0.9 else "\\"


def sessions(marks, span):
    """Possible and missed, counted one by one."""
    codes = [CODES[code] for day, *pair in marks if span.first <= day <= span.last for code in pair]
    return sum(code.possible for code in codes), sum(code.absent for code in codes)


def told(marks, asked):
    """What is true of a child with these marks."""
    possible, absent = sessions(marks, asked.year)
    (now, missed), (before, was) = sessions(marks, asked.now), sessions(marks, asked.before)
    halves = [code for day, *pair in marks if day >= asked.recent.first for code in pair if CODES[code].possible]
    return {
        "persistent": possible >= 20 and absent / possible >= 0.1,
        "severe": possible >= 20 and absent / possible >= 0.5,
        "fallen": min(now, before) >= 20 and missed * before * 10 - was * now * 10 >= now * before,
        "unexplained": set(halves[-asked.in_a_row :]) <= UNEXPLAINED,
    }


def test_ours_and_the_loop_say_what_the_marks_say():
    rng = random.Random(11)
    marks = {child.pk: list(drawn(child, rng)) for child in ChildFactory.create_batch(24, in_care=True)}
    record_marks([row for rows in marks.values() for row in rows], source="school")
    asked = contenders.question(ON)
    true = {pk: told([row[1:] for row in rows], asked) for pk, rows in marks.items()}
    expected = {
        name: [pk for pk in sorted(true) if true[pk][name]]
        for name in ("persistent", "severe", "fallen", "unexplained")
    }
    assert all(0 < len(ids) < len(marks) for ids in expected.values())
    assert contenders.ours(asked) == expected
    assert contenders.by_loop(asked, sorted(marks)) == expected
