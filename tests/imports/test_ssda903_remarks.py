"""Every reason for which the return's rows are refused or flagged."""

from datetime import date

import pytest

from children.models import CareEpisode, Child, HealthReturn, MissingEpisode, ReturnRow
from tests.imports.samples import AMY, BOB, EPISODE, load, load_tables, tables, told

pytestmark = pytest.mark.django_db

WHO = {"CHILD": "A1", "DOB": AMY["DOB"]}
SECOND = EPISODE | {"DECOM": "01/05/2024", "RNE": "P"}


def outcome(report) -> tuple[list[tuple[str, int, str]], list[tuple[str, int, str]]]:
    """Refused and flagged, without value and reason."""
    return tuple(
        [(remark.file, remark.line, remark.column) for remark in remarks]
        for remarks in (report.refused, report.flagged)
    )


# ---------------------------------------------------------------- Header


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"CHILD": ""}, "CHILD"),
        ({"CHILD": "ABCDEFGHIJK"}, "CHILD"),
        ({"CHILD": "N1", "DOB": ""}, "DOB"),
        ({"CHILD": "N1", "DOB": "2012-05-14"}, "DOB"),
        ({"CHILD": "N1", "DOB": "31/02/2012"}, "DOB"),
        ({"CHILD": "N1", "DOB": "1/2/2012"}, "DOB"),
        ({"CHILD": "B1"}, "CHILD"),
    ],
)
def test_header_rows_that_are_refused(changed, column):
    report = load(tables(children=[BOB, AMY | changed]), year="2025")

    assert outcome(report) == ([("children.csv", 3, column)], [])
    assert list(Child.objects.values_list("child_id", flat=True)) == ["B1"]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"SEX": "X"}, "SEX"),
        ({"SEX": ""}, "SEX"),
        ({"ETHNIC": "ABRI"}, "ETHNIC"),
        ({"UPN": "Z801200001001"}, "UPN"),
        ({"UPN": "G80120000101A"}, "UPN"),
        ({"UPN": "NOT A UPN"}, "UPN"),
        ({"UPN": "H8012000010011"}, "UPN"),
        ({"UPN": ""}, "UPN"),
        ({"MOTHER": "7"}, "MOTHER"),
        ({"MOTHER": "1", "MC_DOB": "soon"}, "MC_DOB"),
        ({"DOB": "01/01/2027"}, "DOB"),
    ],
)
def test_header_cells_that_are_flagged_and_the_child_kept(changed, column):
    report = load(tables(children=[AMY | changed]), year="2025")

    assert outcome(report) == ([], [("children.csv", 2, column)])
    assert report.created["children"] == 1


def test_a_wrong_check_letter_is_kept_with_the_doubt():
    load(tables(children=[AMY | {"UPN": "Z801200001001"}]), year="2025")
    child = Child.objects.get()

    assert (child.upn, child.upn_problem) == ("Z801200001001", "The check letter should be H.")


def test_an_unknown_code_and_a_bad_date_are_set_aside():
    changed = {"SEX": "X", "ETHNIC": "??", "MC_DOB": "2012-01-01", "UPN": "much too long to be kept"}
    load(tables(children=[AMY | changed]), year="2025")
    child = Child.objects.get()

    assert (child.sex, child.ethnicity, child.upn, child.return_fields) == ("", "", "", {"MOTHER": "0"})


@pytest.mark.parametrize("code", ["UN1", "un5"])
def test_a_reason_for_having_no_upn_is_kept_for_the_next_return(code):
    report = load(tables(children=[AMY | {"UPN": code}]), year="2025")
    child = Child.objects.get()

    assert (child.upn, child.return_fields["UPN"], report.flagged) == ("", code.upper(), [])


def test_a_child_with_short_breaks_only_needs_no_upn():
    report = load_tables(children=[AMY | {"UPN": ""}], episodes=[EPISODE | {"LS": "V4"}])

    assert report.flagged == []


def test_a_bad_date_of_birth_is_replaced_by_that_of_the_other_tables():
    review = WHO | {"REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}
    report = load_tables(children=[AMY | {"DOB": "14.05.2012"}], reviews=[review])

    assert outcome(report) == ([], [("children.csv", 2, "DOB")])
    assert Child.objects.get().date_of_birth == date(2012, 5, 14)


def test_another_date_of_birth_is_a_question_and_not_taken_over():
    load_tables()
    report = load_tables(children=[AMY | {"DOB": "15/05/2012"}])

    assert outcome(report) == ([], [("children.csv", 2, "DOB")])
    assert report.flagged[0].reason == "The child held was born on 14/05/2012; that date is kept."
    assert Child.objects.get().date_of_birth == date(2012, 5, 14)


def test_when_neither_date_of_birth_nor_upn_agree_nothing_is_taken_over():
    load_tables()
    report = load_tables(children=[AMY | {"DOB": "15/05/2012", "UPN": BOB["UPN"], "ETHNIC": "CHNE"}])

    assert outcome(report) == ([("children.csv", 2, "CHILD"), ("episodes.csv", 2, "CHILD")], [])
    assert Child.objects.get().ethnicity == "WBRI"


def test_a_changed_upn_is_told_and_the_former_one_kept():
    load_tables()
    report = load_tables(children=[AMY | {"UPN": BOB["UPN"]}])
    child = Child.objects.get()

    assert told(report.flagged) == [("children.csv", 2, "UPN", BOB["UPN"])]
    assert (child.upn, child.former_upn) == (BOB["UPN"], AMY["UPN"])
    assert load_tables(children=[AMY | {"UPN": BOB["UPN"]}]).flagged == []


def test_a_doubted_upn_does_not_replace_a_sound_one():
    load_tables()
    report = load_tables(children=[AMY | {"UPN": "Z801200001001"}])

    assert [remark.reason for remark in report.flagged] == [
        "The check letter should be H.",
        "The UPN held (H801200001001) has no fault and is kept.",
    ]
    assert Child.objects.get().upn == AMY["UPN"]


def test_two_children_with_one_upn_are_told_on_both():
    children = [AMY, BOB | {"UPN": AMY["UPN"]}]
    report = load(tables(children=children), year="2025")

    assert outcome(report) == ([], [("children.csv", 2, "UPN"), ("children.csv", 3, "UPN")])
    assert dict(Child.objects.values_list("child_id", "upn_problem")) == {
        "A1": "It is also the UPN of child B1.",
        "B1": "It is also the UPN of child A1.",
    }
    again = load(tables(children=children), year="2025")
    assert (again.changed(), len(again.flagged)) == (0, 2)


def test_a_upn_shared_with_a_child_held_is_told_on_both_until_it_is_put_right():
    load_tables()
    load(tables(children=[BOB | {"UPN": AMY["UPN"]}]), year="2025")
    assert Child.objects.get(child_id="A1").upn_problem == "It is also the UPN of child B1."

    load(tables(children=[BOB]), year="2025")
    assert set(Child.objects.values_list("upn_problem", flat=True)) == {""}


def test_a_new_id_with_the_upn_and_birthday_of_a_child_held_is_a_question():
    load_tables()
    report = load_tables(children=[AMY | {"CHILD": "A2"}], episodes=[EPISODE | {"CHILD": "A2"}])

    assert outcome(report) == ([("children.csv", 2, "UPN"), ("episodes.csv", 2, "CHILD")], [])
    assert report.refused[0].reason == "Child A1 has this UPN and date of birth. Is it the same child under a new id?"
    assert Child.objects.count() == 1


# ---------------------------------------------------------------- rows of other tables


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("episodes", EPISODE | {"CHILD": "ZZ"}, "CHILD"),
        ("episodes", EPISODE | {"CHILD": ""}, "CHILD"),
        ("episodes", SECOND | {"DECOM": ""}, "DECOM"),
        ("episodes", SECOND | {"DECOM": "01-05-2024"}, "DECOM"),
        ("episodes", SECOND | {"DECOM": "01/05/2012"}, "DECOM"),
        ("episodes", SECOND | {"DEC": "01/05/2024", "REC": "X1"}, "DEC"),
        ("episodes", SECOND | {"DEC": "30/04/2024", "REC": "X1"}, "DEC"),
        ("episodes", SECOND, "DECOM"),
        ("reviews", WHO | {"CHILD": "ZZ", "REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}, "CHILD"),
        ("reviews", WHO | {"REVIEW": "32/02/2025", "REVIEW_CODE": "PN1"}, "REVIEW"),
        ("missing", WHO | {"MISSING": "M", "MIS_START": "", "MIS_END": ""}, "MIS_START"),
        ("missing", WHO | {"MISSING": "M", "MIS_START": "02/05/2024", "MIS_END": "01/05/2024"}, "MIS_END"),
        ("sw_episodes", WHO | {"SW_ID": "", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}, "SW_ID"),
        ("sw_episodes", WHO | {"SW_ID": "SW12345678901", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}, "SW_ID"),
        ("sw_episodes", WHO | {"SW_ID": "SW1234", "SW_DECOM": "x", "SW_REASON": "FCONTA"}, "SW_DECOM"),
        ("sw_episodes", WHO | {"SW_ID": "SW1234", "SW_DECOM": "02/02/2024", "SW_DEC": "01/02/2024"}, "SW_DEC"),
        ("placed_for_adoption", WHO | {"DATE_PLACED": ""}, "DATE_PLACED"),
    ],
)
def test_rows_that_are_refused(table, row, column):
    before = [EPISODE] if table == "episodes" else []
    report = load_tables(**{table: [*before, row]})

    assert [remark[:3] for remark in told(report.refused)] == [(f"{table}.csv", len(before) + 2, column)]


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("reviews", {"REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}, "REVIEW"),
        ("missing", {"MISSING": "M", "MIS_START": "01/05/2024", "MIS_END": "02/05/2024"}, "MIS_START"),
        ("sw_episodes", {"SW_ID": "SW1234", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}, "SW_DECOM"),
        ("uasc", {"SEX": "F", "DUC": ""}, "CHILD"),
        ("oc2", {"SDQ_SCORE": "12"}, "CHILD"),
        ("previous_permanence", {"PREV_PERM": "Z1"}, "CHILD"),
        ("dolo", {"DOLO_START": "01/05/2024"}, "DOLO_START"),
    ],
)
def test_the_same_row_twice_is_refused_the_second_time(table, row, column):
    report = load_tables(**{table: [WHO | row, WHO | row]})

    assert outcome(report)[0] == [(f"{table}.csv", 3, column)]
    assert report.created[table] == 1


def test_times_missing_that_share_a_day_are_refused():
    rows = [
        WHO | {"MISSING": "M", "MIS_START": "01/05/2024", "MIS_END": "05/05/2024"},
        WHO | {"MISSING": "A", "MIS_START": "04/05/2024", "MIS_END": "06/05/2024"},
        WHO | {"MISSING": "A", "MIS_START": "05/05/2024"},
    ]
    report = load_tables(missing=rows)

    assert outcome(report) == ([("missing.csv", 3, "MIS_START")], [])
    assert MissingEpisode.objects.count() == 2


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("episodes", EPISODE | {"LS": "C9"}, "LS"),
        ("episodes", EPISODE | {"LS": ""}, "LS"),
        ("episodes", EPISODE | {"RNE": "Q"}, "RNE"),
        ("episodes", EPISODE | {"PLACE": "H5"}, ""),
        ("episodes", EPISODE | {"PLACE": "Z11"}, "PLACE"),
        ("episodes", EPISODE | {"DEC": "soon"}, "DEC"),
        ("episodes", EPISODE | {"REC": "E4A"}, "REC"),
        ("episodes", EPISODE | {"DEC": "01/05/2024"}, "REC"),
        ("episodes", EPISODE | {"DEC": "01/05/2024", "REC": "X1"}, "REC"),
        ("episodes", EPISODE | {"RNE": "L"}, "RNE"),
        ("episodes", EPISODE | {"DEC": "01/05/2025", "REC": "E4A"}, "DEC"),
        ("episodes", EPISODE | {"PL_POST": "TOO LONG A CODE"}, "PL_POST"),
        ("episodes", EPISODE | {"URN": "HOME"}, "URN"),
        ("reviews", WHO | {"REVIEW": "01/02/2025", "REVIEW_CODE": "PN9"}, "REVIEW_CODE"),
        ("reviews", WHO | {"DOB": "14/05/2013", "REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}, "DOB"),
        ("uasc", WHO | {"SEX": "F", "DUC": "never"}, "DUC"),
        ("uasc", WHO | {"SEX": "M", "DUC": ""}, "SEX"),
        ("oc2", WHO | {"SDQ_SCORE": "41"}, "SDQ_SCORE"),
        ("oc2", WHO | {"SDQ_SCORE": "12", "SDQ_REASON": "SDQ1"}, "SDQ_REASON"),
        ("oc2", WHO | {"SDQ_SCORE": "12", "CONVICTED": "yes"}, "CONVICTED"),
        ("missing", WHO | {"MISSING": "X", "MIS_START": "01/05/2024"}, "MISSING"),
        ("sw_episodes", WHO | {"SW_ID": "AB1234", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}, "SW_ID"),
        ("sw_episodes", WHO | {"SW_ID": "SW1234", "SW_DECOM": "01/02/2024", "SW_REASON": "BORED"}, "SW_REASON"),
        ("oc3", WHO | {"IN_TOUCH": "MAYBE", "ACTIV": "F1", "ACCOM": "B1"}, "IN_TOUCH"),
        ("previous_permanence", WHO | {"PREV_PERM": "P1", "LA_PERM": "000"}, "LA_PERM"),
        ("previous_permanence", WHO | {"PREV_PERM": "P1", "DATE_PERM": "long ago"}, "DATE_PERM"),
        (
            "placed_for_adoption",
            WHO | {"DATE_PLACED": "01/05/2024", "REASON_PLACED_CEASED": "RD9"},
            "REASON_PLACED_CEASED",
        ),
    ],
)
def test_cells_that_are_flagged_and_the_row_kept(table, row, column):
    report = load_tables(**{table: [row]})

    assert outcome(report) == ([], [(f"{table}.csv", 2, column)] if column else [])
    assert report.created[table] == 1


def test_a_code_of_another_year_is_told_and_kept():
    report = load_tables("2026", episodes=[EPISODE | {"PLACE": "H5"}])

    assert report.flagged[0].reason == "Not a code of the 2026 return: last used in 2025. Kept."
    assert CareEpisode.objects.get().placement_type == "H5"


def test_flagged_values_are_left_empty():
    load_tables(
        oc2=[WHO | {"SDQ_SCORE": "41", "CONVICTED": "yes"}],
        oc3=[WHO | {"IN_TOUCH": "MAYBE", "ACTIV": "F1", "ACCOM": "B1"}],
    )

    assert (HealthReturn.objects.get().sdq_score, HealthReturn.objects.get().flags) == (None, {})
    assert ReturnRow.objects.get().row == {"IN_TOUCH": "", "ACTIV": "F1", "ACCOM": "B1"}


def test_a_row_with_a_control_character_is_refused_with_its_line():
    files = tables(children=[AMY, BOB])
    broken = files[0].content.replace(b"BCRB", b"BC\x00B")
    report = load([files[0].__class__("children.csv", broken)], year="2025")

    assert outcome(report) == ([("children.csv", 3, "ETHNIC")], [])
    assert report.created["children"] == 1
