"""A child's courses beside a school's: never the same without both codes, never not offered without a whole list."""

from datetime import date

import pytest

from referrals.coursematch import Known, Offered, Taken, compare, subject_key
from referrals.enums import Match

ON = date(2026, 9, 14)
SCHOOL = "Oak School"


def one(course: Taken, *offered: Offered, whole: date | None = None, stale: bool = False):
    [line] = compare([course], Known(SCHOOL, offered, whole, stale))
    return line


def taken(board="aqa", code="8702", subject="English Literature", tier="", **more) -> Taken:
    return Taken(1, subject, board, code, tier, **more)


def offered(board="aqa", code="8702", subject="English literature", tier="") -> Offered:
    return Offered(subject, ON, board, code, tier)


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome", "words"),
    [
        (taken(), offered(), Match.SAME, "Same board and specification (8702)"),
        (taken(code="601/8702 "), offered(code="6018702"), Match.SAME, "Same board"),
        (taken(board=""), offered(), Match.SAME, "Same board"),
        (taken(), offered("eduqas", "C720QS"), Match.OTHER_BOARD, "Different board: set texts differ. AQA here, WJEC Eduqas there."),
        (taken(), offered("eduqas", ""), Match.OTHER_BOARD, "set texts differ"),
        (taken(), offered("eduqas", "8702"), Match.OTHER_BOARD, "set texts differ"),
        (taken(code="8145", subject="History"), offered("ocr", "J410", "History"), Match.OTHER_BOARD, "what is taught and examined differs"),
        (taken(), offered(code="8700"), Match.OTHER_SPECIFICATION, "8702 here, 8700 there"),
        (taken(tier="higher"), offered(tier="foundation"), Match.OTHER_SPECIFICATION, "other tier: higher tier here, foundation tier there"),
        (taken(tier="higher"), offered(), Match.UNKNOWN, "the tier is known on one side only"),
        (taken(board="", code="n/a"), offered("", "N/A"), Match.UNKNOWN, "the specification code is not known"),
        (taken(subject="Science"), offered(subject="Combined science: Trilogy"), Match.SAME, "Same board"),
        (taken(code=""), offered(), Match.UNKNOWN, "the specification code is not known for the child"),
        (taken(), offered(code=""), Match.UNKNOWN, "the specification code is not known at Oak School"),
        (taken("", ""), offered("", ""), Match.UNKNOWN, "the awarding body is not known for the child and the awarding body is not known at Oak School"),
        (taken("other", "X1"), offered("other", "X2"), Match.UNKNOWN, "the awarding body is not known"),
        (taken("other", "X1"), offered("other", "X1"), Match.SAME, "X1"),
        (taken("", "8702"), offered("eduqas", "C720QS"), Match.UNKNOWN, "the awarding body is not known for the child"),
    ],
)  # fmt: skip
def test_a_course_beside_one_of_the_schools(ours, theirs, outcome, words):
    line = one(ours, theirs)
    assert (line.outcome, words in line.sentence) == (outcome, True), line.sentence
    assert "Oak School told us on 14 September 2026." in line.sentence


@pytest.mark.parametrize(
    ("known", "outcome", "words"),
    [
        ({}, Match.UNKNOWN, "Unknown: ask the exams officer of Oak School; nothing is recorded."),
        ({"whole": ON}, Match.NOT_OFFERED, "Not offered: it is not on the whole list that Oak School gave on 14 September 2026."),
        ({"whole": ON, "stale": True}, Match.UNKNOWN, "its whole list is of 14 September 2026, which is long ago"),
    ],
)  # fmt: skip
def test_a_course_of_which_nothing_is_recorded(known, outcome, words):
    line = one(taken(), **known)
    assert (line.outcome, words in line.sentence) == (outcome, True), line.sentence


def test_another_subject_alone_is_no_whole_list():
    line = one(taken(), offered(code="8401", subject="Latin"))
    assert (line.outcome, "is not the whole list" in line.sentence) == (Match.UNKNOWN, True)


def test_the_nearest_of_several_counts_and_what_is_not_known_is_not_passed_over():
    eduqas, other = offered("eduqas", "C720QS"), offered(code="8700")
    assert one(taken(), eduqas, other, offered()).outcome == Match.SAME
    assert one(taken(), eduqas, other).outcome == Match.OTHER_SPECIFICATION
    assert one(taken(), eduqas, other, offered(code="")).outcome == Match.UNKNOWN


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [([], Match.NOT_OFFERED), ([("Latin", "8401")], Match.NOT_OFFERED), ([("Science", "")], Match.UNKNOWN), ([("Science", "n/a")], Match.UNKNOWN)],
)  # fmt: skip
def test_only_a_whole_list_of_codes_says_that_a_course_is_not_offered(listed, outcome):
    there = [offered(subject=subject, code=code) for subject, code in listed]
    assert one(taken(code="8464", subject="Combined science"), *there, whole=ON).outcome == outcome


def test_a_code_is_found_also_where_the_subject_has_another():
    ours = taken(code="8700", subject="English")
    other, same = offered(code="8702", subject="English"), offered(code="8700", subject="English language")
    assert one(ours, other).outcome == Match.OTHER_SPECIFICATION
    assert one(ours, other, same).outcome == Match.SAME


def test_begun_coursework_stands_first_and_is_said():
    courses = [
        Taken(1, "Art", "aqa", "8201", coursework="unknown"),
        Taken(2, "Music", "aqa", "8271", coursework="done"),
        Taken(3, "Drama", "aqa", "8261", coursework="started"),
        Taken(4, "Biology", "aqa", "8461", coursework="none"),
    ]
    known = Known(SCHOOL, [offered("aqa", "8271", "Music"), offered("ocr", "J204", "Art")])
    lines = compare(courses, known)
    assert [line.subject for line in lines] == ["Drama", "Music", "Art", "Biology"]
    assert [line.sentence.endswith(words) for line, words in zip(lines, (" Coursework is started.", " Coursework is done."), strict=False)] == [True, True]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("English literature", "ENGLISH  Literature ", True),
        ("Maths", "Mathematics", True),
        ("Design & Technology", "D and T", True),
        ("GCSE History", "history", True),
        ("Combined Science: Trilogy", "Double science", True),
        ("Économie", "E\N{COMBINING ACUTE ACCENT}conomie", True),
        ("English", "English literature", False),
        ("Further maths", "Maths", False),
        ("Biology", "Combined science", False),
    ],
)
def test_subjects_in_one_form(first, second, same):
    assert (subject_key(first) == subject_key(second)) is same


def test_nothing_taken_gives_no_line():
    assert compare([], Known(SCHOOL)) == []
