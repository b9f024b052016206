"""The statutory return read into the roll: the sample return, and what makes a second reading change nothing."""

from datetime import date

import pytest

from children.imports.report import RefusedAsAWhole
from children.imports.source import SourceFile
from children.models import (
    CareEpisode,
    CarePlacement,
    CareReview,
    Child,
    HealthReturn,
    MissingEpisode,
    PeriodOfCare,
    ReturnRow,
    SocialWorkerEpisode,
)
from tests.imports.samples import AMY, BOB, COLUMNS, EPISODE, csv_file, load, load_tables, sample_return, tables, told
from virtualschool.kernel.dates import today

pytestmark = pytest.mark.django_db

SAMPLE_ROWS = {
    "children": 5,
    "episodes": 5,
    "reviews": 5,
    "sw_episodes": 5,
    "oc2": 4,
    "previous_permanence": 1,
}
NONE = dict.fromkeys(SAMPLE_ROWS, 0)


def test_the_sample_return_is_loaded_whole():
    report = load(sample_return())

    assert report.to_json() == {
        "created": SAMPLE_ROWS,
        "updated": NONE,
        "unchanged": NONE,
        "dry_run": False,
        "flagged": [],
        "refused": [],
    }
    assert report.notes == ["Read as the return of 2025: 1 April 2024 to 31 March 2025."]


def test_the_same_return_again_changes_nothing():
    load(sample_return())
    report = load(sample_return())

    assert (report.created, report.updated, dict(report.unchanged)) == (NONE, NONE, SAMPLE_ROWS)
    counts = (PeriodOfCare.objects.count(), CarePlacement.objects.count(), CareEpisode.objects.count())
    assert counts == (5, 5, 5)


def test_what_a_child_of_the_sample_looks_like():
    load(sample_return())
    child = Child.objects.get(child_id="C100002")
    episode = child.care_episodes.get()

    assert (child.date_of_birth, child.sex, child.ethnicity, child.upn) == (
        date(2010, 9, 2),
        "F",
        "BCRB",
        "U302401214002",
    )
    assert (child.first_names, child.upn_problem, child.known_from) == ("", "", today())
    assert child.return_fields == {"MOTHER": "0"}
    assert (episode.start, episode.end, episode.legal_status, episode.need) == (date(2021, 6, 10), None, "C2", "N1")
    assert (episode.period.start, episode.period.end, episode.period.short_breaks) == (date(2021, 6, 10), None, False)
    assert (episode.placement.placement_type, episode.placement.postcode) == ("U4", "E4 7XB")
    assert child.care_reviews.get().participation == "PN1"
    assert (child.social_worker_episodes.get().worker_code, child.health_returns.get().sdq_score) == ("SW123456", 12)


def test_every_table_is_known_by_its_columns_whatever_the_file_is_called():
    files = [SourceFile(f"{number}.txt", file.content) for number, file in enumerate(sample_return())]

    assert dict(load(files).created) == SAMPLE_ROWS


def test_columns_in_another_order_and_in_small_letters_are_the_same_table():
    columns = tuple(column.lower() for column in reversed(COLUMNS["children"]))
    row = {column.lower(): value for column, value in AMY.items()}
    report = load([csv_file("x.csv", columns, [row])])

    assert (dict(report.created), report.flagged, report.refused) == ({"children": 1}, [], [])


def test_the_smaller_tables_are_loaded():
    who = {"CHILD": "A1", "DOB": AMY["DOB"]}
    report = load_tables(
        uasc=[who | {"SEX": "F", "DUC": "14/05/2030"}],
        missing=[who | {"MISSING": "M", "MIS_START": "01/05/2024", "MIS_END": "03/05/2024"}],
        reviews=[who | {"REVIEW": "01/02/2025", "REVIEW_CODE": "PN1"}],
        oc2=[who | {"SDQ_SCORE": "40", "CONVICTED": "0", "TEETH_CHECK": "1"}],
        sw_episodes=[who | {"SW_ID": "SW1234", "SW_DECOM": "01/02/2024", "SW_REASON": "FCONTA"}],
    )
    child = Child.objects.get()

    assert (report.flagged, report.refused) == ([], [])
    assert (child.is_unaccompanied, child.unaccompanied_until) == (True, date(2030, 5, 14))
    missing = MissingEpisode.objects.get()
    assert (missing.kind, missing.start, missing.end) == ("M", date(2024, 5, 1), date(2024, 5, 3))
    assert CareReview.objects.get().on == date(2025, 2, 1)
    health = HealthReturn.objects.get()
    assert (health.year, health.sdq_score, health.flags) == (2025, 40, {"CONVICTED": "0", "TEETH_CHECK": "1"})
    worker = SocialWorkerEpisode.objects.get()
    assert (worker.worker_code, worker.start, worker.reason) == ("SW1234", date(2024, 2, 1), "FCONTA")


KEPT = {
    "oc3": {"IN_TOUCH": "YES", "ACTIV": "F1", "ACCOM": "B1"},
    "ad1": {
        "DATE_INT": "01/05/2024",
        "DATE_MATCH": "01/06/2024",
        "FOSTER_CARE": "0",
        "NB_ADOPTR": "2",
        "SEX_ADOPTR": "MF",
        "LS_ADOPTR": "L11",
    },
    "placed_for_adoption": {
        "DATE_PLACED": "01/05/2024",
        "DATE_PLACED_CEASED": "01/06/2024",
        "REASON_PLACED_CEASED": "RD1",
    },
    "previous_permanence": {"PREV_PERM": "P1", "LA_PERM": "302", "DATE_PERM": "01/05/2019"},
    "dolo": {"DOLO_START": "01/05/2024", "DOLO_END": "01/06/2024"},
}


@pytest.mark.parametrize("table", KEPT)
def test_tables_that_nothing_here_works_with_are_kept_for_the_next_return(table):
    row = {"CHILD": "A1", "DOB": AMY["DOB"]} | KEPT[table]
    first, second = load_tables(**{table: [row]}), load_tables(**{table: [row]})
    kept = ReturnRow.objects.get()

    assert (kept.child.child_id, kept.year, kept.table, kept.row) == ("A1", 2025, table, KEPT[table])
    assert (first.created[table], second.unchanged[table], second.changed()) == (1, 1, 0)
    assert (first.flagged, first.refused) == ([], [])


def test_a_child_who_is_not_in_the_new_return_stays():
    load_tables(children=[AMY, BOB], episodes=[EPISODE, EPISODE | {"CHILD": "B1"}])
    report = load_tables()

    assert (Child.objects.count(), report.unchanged["children"], report.changed()) == (2, 1, 0)
    assert PeriodOfCare.objects.filter(child__child_id="B1", end__isnull=True).count() == 1


def test_an_empty_cell_empties_nothing():
    load_tables()
    bare = {name: AMY[name] for name in ("CHILD", "SEX", "DOB", "ETHNIC")}
    report = load_tables(children=[bare])
    child = Child.objects.get()

    assert (child.upn, child.return_fields, report.updated["children"]) == ("H801200001001", {"MOTHER": "0"}, 0)


@pytest.mark.parametrize(
    ("sex", "year", "held", "flagged"),
    [("1", "2024", "M", 0), ("2", "2024", "F", 0), ("F", "2024", "F", 0), ("2", "2025", "F", 1), ("u", "2026", "U", 0)],
)
def test_sex_is_a_number_until_2024_and_a_letter_afterwards(sex, year, held, flagged):
    report = load_tables(year, children=[AMY | {"SEX": sex}])

    assert Child.objects.get().sex == held
    assert len(report.flagged) == flagged


def test_codes_are_read_in_either_case():
    load_tables(episodes=[EPISODE | {"LS": "c2", "PLACE": "u4", "PL_POST": "zz1 1zz"}])
    episode = CareEpisode.objects.get()

    assert (episode.legal_status, episode.placement_type, episode.placement_postcode) == ("C2", "U4", "ZZ1 1ZZ")


# ---------------------------------------------------------------- the year, the options, the whole


@pytest.mark.parametrize(
    ("review", "year"), [("31/03/2025", 2025), ("01/04/2025", 2026), ("01/04/2024", 2025), ("01/01/2027", 2022)]
)
def test_the_year_is_that_of_the_latest_date_that_is_not_in_the_future(review, year):
    listed = [{"CHILD": "A1", "DOB": AMY["DOB"], "REVIEW": review, "REVIEW_CODE": "PN1"}]
    report = load(tables(children=[AMY], episodes=[EPISODE], reviews=listed))

    assert report.notes == [f"Read as the return of {year}: 1 April {year - 1} to 31 March {year}."]


def test_new_children_are_known_from_the_go_live_date_and_others_stay():
    load_tables()
    load(tables(children=[AMY, BOB]), go_live="2026-09-01")

    assert list(Child.objects.order_by("child_id").values_list("known_from", flat=True)) == [today(), date(2026, 9, 1)]


@pytest.mark.parametrize("options", [{"year": "25"}, {"year": "next"}, {"year": "²025"}, {"go_live": "1/9/2026"}])
def test_an_option_that_makes_no_sense_refuses_the_whole(options):
    with pytest.raises(RefusedAsAWhole) as refused:
        load(sample_return(), **options)

    assert [remark.value for remark in refused.value.report.refused] == list(options.values())


def test_without_a_table_of_the_return_the_whole_is_refused():
    files = [SourceFile("a.csv", b"x,y\n1,2\n"), SourceFile("b.csv", b""), SourceFile("c.csv", b"PK\x03\x04")]
    with pytest.raises(RefusedAsAWhole) as refused:
        load(files)

    assert told(refused.value.report.refused) == [("a.csv", 1, "", ""), ("b.csv", 1, "", ""), ("c.csv", 1, "", "")]


def test_an_unknown_file_and_one_that_lacks_columns_are_told_and_the_others_read():
    files = [*sample_return(), SourceFile("notes.csv", b"a,b\n"), csv_file("short.csv", ("CHILD", "DUC"), [])]
    report = load(files)

    assert dict(report.created) == SAMPLE_ROWS
    assert [(remark.file, remark.column) for remark in report.refused] == [("notes.csv", ""), ("short.csv", "SEX, DOB")]


def test_a_column_too_many_and_one_too_few_are_told():
    columns = (*COLUMNS["children"][:-1], "SHOE_SIZE")
    report = load([csv_file("h.csv", columns, [AMY])])

    assert told(report.flagged) == [("h.csv", 1, "SHOE_SIZE", ""), ("h.csv", 1, "MC_DOB", "")]
    assert report.created["children"] == 1


def test_a_return_in_another_encoding_and_with_semicolons_is_read():
    content = sample_return()[1].content.decode().replace(",", ";")
    report = load([SourceFile("h.csv", content.encode("utf-16"))])

    assert report.created["children"] == 5
