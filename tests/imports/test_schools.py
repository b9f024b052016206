"""The national register: open, closed, merged and accented schools, and who carries on from whom."""

from datetime import date

import pytest
from django.db import transaction

from children.imports.report import RefusedAsAWhole, Report
from children.imports.schools import import_schools
from children.imports.source import SourceFile, from_path
from children.models import School, SchoolJudgement, SchoolLink
from tests.imports.samples import DATA, csv_file, told
from virtualschool.accounts.models import Organisation

pytestmark = pytest.mark.django_db

REGISTER = DATA / "schools" / "register.csv"
LINKS = DATA / "schools" / "links.csv"
SCHOOL = {"URN": "200009", "EstablishmentName": "New School", "EstablishmentStatus (code)": "1"}


def load(*files: SourceFile) -> Report:
    report = Report()
    with transaction.atomic():
        import_schools(list(files), report=report, options={})
    return report


def load_rows(*rows: dict[str, str]) -> Report:
    return load(csv_file("r.csv", tuple(dict.fromkeys(name for row in rows for name in row)), list(rows)))


def test_the_register_is_loaded_from_windows_1252():
    report = load(from_path(REGISTER))
    school = School.objects.get(urn="200001")

    assert dict(report.created) == {"schools": 6, "judgements": 2}
    assert (report.flagged, report.refused) == ([], [])
    assert report.notes == ["register.csv is not UTF-8; it was read as Windows-1252. Check names with accents."]
    assert (school.name, school.head_name) == ("St Chloë’s Church of England Primary", "Mme Zoé Été")
    assert (school.la_code, school.establishment_number, school.status) == ("302", "4001", "1")
    assert (school.opened_on, school.low_age, school.high_age, school.postcode) == (date(1974, 9, 1), 3, 11, "ZZ1 1AA")
    assert (school.type_name, school.phase_name, school.ukprn) == ("Voluntary aided school", "Primary", "10070001")


def test_a_school_comes_with_its_organisation():
    load(from_path(REGISTER))
    school = School.objects.select_related("organisation").get(urn="200001")

    assert (school.organisation.kind, school.organisation.code, school.organisation.name) == (
        Organisation.Kind.SCHOOL,
        "200001",
        school.name,
    )


def test_open_closed_closing_and_proposed_schools_and_both_forms_of_dates():
    load(from_path(REGISTER))

    assert list(School.objects.order_by("urn").values_list("status", "opened_on", "closed_on")) == [
        ("1", date(1974, 9, 1), None),
        ("2", None, date(2021, 8, 31)),
        ("2", None, date(2021, 8, 31)),
        ("1", date(2021, 9, 1), None),
        ("3", date(2001, 9, 1), None),
        ("4", date(2027, 9, 1), None),
    ]


def test_links_make_successors_and_predecessors_told_once_from_both_sides():
    report = load(from_path(LINKS), from_path(REGISTER))
    academy = School.objects.get(urn="200004")

    assert (report.created["school_links"], report.unchanged["school_links"]) == (2, 2)
    assert list(academy.predecessors.order_by("urn").values_list("urn", flat=True)) == ["200002", "200003"]
    assert list(School.objects.get(urn="200002").successors.all()) == [academy]
    assert set(SchoolLink.objects.values_list("link_type", "established_on")) == {("merged", date(2021, 9, 1))}
    assert told(report.refused) == [
        ("links.csv", 6, "LinkURN", "299999"),
        ("links.csv", 7, "LinkType", "Sixth Form Centre Link"),
    ]


def test_the_same_files_again_change_nothing():
    load(from_path(REGISTER), from_path(LINKS))
    report = load(from_path(REGISTER), from_path(LINKS))

    assert report.changed() == 0
    assert dict(report.unchanged) == {"schools": 6, "judgements": 2, "school_links": 4}


def test_the_grade_of_an_old_inspection_is_kept_with_its_date():
    load(from_path(REGISTER))

    assert list(
        SchoolJudgement.objects.order_by("on").values_list("school__urn", "kind", "on", "outcome", "source")
    ) == [
        ("200001", "grade", date(2019, 3, 14), {"overall": "Good"}, "Get Information About Schools"),
        ("200005", "grade", date(2022, 2, 2), {"overall": "Requires improvement"}, "Get Information About Schools"),
    ]


@pytest.mark.parametrize(
    ("rating", "on", "kept", "flagged"),
    [
        ("Requires improvement", "02/02/2022", "Requires improvement", 0),
        ("Special Measures", "02/02/2022", "Inadequate", 0),
        ("Serious Weaknesses", "02/02/2022", "Inadequate", 0),
        ("Satisfactory", "02/02/2012", None, 1),
        ("Good", "09/11/2025", "Good", 0),
        ("Good", "10/11/2025", None, 1),
        ("Not applicable", "", None, 0),
    ],
)
def test_only_the_four_grades_of_their_time_are_kept(rating, on, kept, flagged):
    report = load_rows(SCHOOL | {"OfstedRating (name)": rating, "OfstedLastInsp": on})

    found = [judgement.outcome["overall"] for judgement in SchoolJudgement.objects.all()]
    assert (found, len(report.flagged)) == ([kept] if kept else [], flagged)


def test_what_a_person_recorded_of_that_day_stays():
    row = SCHOOL | {"OfstedRating (name)": "Good", "OfstedLastInsp": "02/02/2022"}
    load_rows(row)
    SchoolJudgement.objects.update(outcome={"overall": "Inadequate"}, source="The report itself")
    report = load_rows(row)

    assert told(report.flagged) == [("r.csv", 2, "OfstedRating (name)", "Good")]
    assert SchoolJudgement.objects.get().outcome == {"overall": "Inadequate"}


def test_a_school_that_changes_its_name_and_closes_changes_its_organisation_too():
    load(from_path(REGISTER))
    changed = {"EstablishmentName": "Renamed", "EstablishmentStatus (code)": "2", "CloseDate": "31/08/2026"}
    report = load_rows({"URN": "200001"} | changed)
    school = School.objects.select_related("organisation").get(urn="200001")

    assert (school.name, school.organisation.name, school.status, school.closed_on) == (
        "Renamed",
        "Renamed",
        "2",
        date(2026, 8, 31),
    )
    assert (report.updated["schools"], school.la_code, School.objects.count()) == (1, "302", 6)


def test_a_status_by_name_where_there_is_no_code():
    load_rows({"URN": "200009", "EstablishmentName": "X", "EstablishmentStatus (name)": "Closed"})

    assert School.objects.get().status == "2"


def test_an_organisation_that_is_there_already_is_used():
    organisation = Organisation.objects.create(kind=Organisation.Kind.SCHOOL, code="200009", name="Old name")
    load_rows(SCHOOL)

    assert School.objects.get().organisation == organisation


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"URN": ""}, "URN"),
        ({"URN": "12345"}, "URN"),
        ({"EstablishmentName": ""}, "EstablishmentName"),
        ({"EstablishmentName": "x" * 201}, "EstablishmentName"),
        ({"URN": "200001"}, "URN"),
    ],
)
def test_rows_that_are_refused(changed, column):
    report = load_rows({"URN": "200001", "EstablishmentName": "First"}, SCHOOL | changed)

    assert [remark[:3] for remark in told(report.refused)] == [("r.csv", 3, column)]
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("EstablishmentStatus (code)", "9"),
        ("OpenDate", "2021-13-01"),
        ("StatutoryLowAge", "young"),
        ("Postcode", "TOO LONG ONE"),
        ("HeadLastName", "x" * 121),
        ("OfstedRating (name)", "Good"),
    ],
)
def test_cells_that_are_flagged_and_the_school_kept(column, value):
    report = load_rows(SCHOOL | {column: value})

    assert told(report.flagged) == [("r.csv", 2, column, value)]
    assert (report.created["schools"], SchoolJudgement.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"URN,Name\n1,x\n", "EstablishmentName"),
        (b"LinkURN,LinkName\n1,x\n", "URN, LinkType"),
        (b"", ""),
        (b"PK\x03\x04", ""),
    ],
)
def test_a_file_that_is_no_register_is_refused_as_a_whole(content, column):
    with pytest.raises(RefusedAsAWhole) as refused:
        load(SourceFile("r.csv", content))

    assert told(refused.value.report.refused) == [("r.csv", 1, column, "")]


def test_a_school_is_not_its_own_successor():
    load(from_path(REGISTER))
    report = load(
        csv_file(
            "l.csv", ("URN", "LinkURN", "LinkType"), [{"URN": "200001", "LinkURN": "200001", "LinkType": "Successor"}]
        )
    )

    assert told(report.refused) == [("l.csv", 2, "LinkURN", "200001")]


def test_queries_do_not_grow_with_the_register(django_assert_num_queries):
    rows = [SCHOOL | {"URN": str(300000 + number)} for number in range(300)]
    with django_assert_num_queries(6):
        load_rows(*rows[:1])
    with django_assert_num_queries(6):
        load_rows(*rows[1:])
