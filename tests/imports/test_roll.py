"""The council's weekly roll: names, schools, who works with each child."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from children import stops
from children.enums import EnrolmentKind, RelationKind
from children.imports import roll_columns
from children.imports.report import RefusedAsAWhole, Report
from children.imports.roll import import_roll
from children.imports.source import SourceFile
from children.models import Child, Enrolment, Relationship
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.children import ChildFactory, EnrolmentFactory, RelationshipFactory, SchoolFactory
from tests.factories.moves import let_move
from tests.imports.samples import csv_file, told
from virtualschool.accounts.models import Organisation
from virtualschool.jobs.models import Event
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import refuse

pytestmark = pytest.mark.django_db

COLUMNS = (
    "child_id",
    "first_names",
    "last_name",
    "known_as",
    "date_of_birth",
    "upn",
    "school_urn",
    "school_start",
    "social_worker_email",
    "team",
    "iro_email",
    "ala_email",
    "coordinator_email",
    "last_pep_date",
)
ANN = {"child_id": "A1", "first_names": "Ann Mary", "last_name": "O'Neil", "date_of_birth": "14/05/2012"}


@pytest.fixture(autouse=True)
def ann():
    return ChildFactory(
        in_care=True, nameless=True, child_id="A1", date_of_birth=date(2012, 5, 14), known_from=date(2026, 9, 1)
    )


@pytest.fixture
def workers():
    """One of each kind, and a team."""
    roles = {"socialworker": "sw", "iro": "iro", "ala": "ala", "coordinator": "coord"}
    made = {role: UserFactory(role=role, email=f"{name}@council.example") for role, name in roles.items()}
    return made | {"team": OrganisationFactory(name="North team", code="T-N")}


def load(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Report:
    report = Report()
    with transaction.atomic():
        import_roll([csv_file("roll.csv", columns, list(rows))], report=report, options={})
    return report


def ties() -> dict[str, object]:
    open_ties = Relationship.objects.filter(end__isnull=True).select_related("user", "team")
    return {tie.kind: tie.user or tie.team for tie in open_ties}


def full(school) -> dict[str, str]:
    return ANN | {
        "known_as": "Annie",
        "upn": "H801200001001",
        "school_urn": school.urn,
        "school_start": "01/09/2023",
        "social_worker_email": "SW@Council.Example",
        "team": "t-n",
        "iro_email": "iro@council.example",
        "ala_email": "ala@council.example",
        "coordinator_email": "coord@council.example",
        "last_pep_date": "2026-07-01",
    }


def test_a_row_names_a_child_places_it_in_school_and_allocates_it(ann, workers):
    school = SchoolFactory()
    report = load(full(school))
    ann.refresh_from_db()
    place = ann.enrolments.get()

    assert (report.flagged, report.refused) == ([], [])
    assert (dict(report.created), dict(report.updated)) == (
        {"children": 0, "relationships": 5, "enrolments": 1},
        {"children": 1, "relationships": 0, "enrolments": 0},
    )
    assert (ann.name, ann.first_names, ann.upn) == ("Annie O'Neil", "Ann Mary", "H801200001001")
    assert (place.school, place.start, place.end, place.kind) == (school, date(2023, 9, 1), None, EnrolmentKind.SINGLE)
    assert ann.last_pep_before_go_live == date(2026, 7, 1)
    assert ties() == {
        RelationKind.SOCIAL_WORKER: workers["socialworker"],
        RelationKind.TEAM: workers["team"],
        RelationKind.IRO: workers["iro"],
        RelationKind.ADVOCATE: workers["ala"],
        RelationKind.COORDINATOR: workers["coordinator"],
    }
    assert set(Relationship.objects.values_list("start", flat=True)) == {today()}
    assert Child.objects.visible_to(workers["socialworker"]).get() == ann


def test_the_same_roll_again_changes_nothing(workers):
    row = full(SchoolFactory())
    load(row)
    events = Event.objects.count()
    report = load(row)

    assert (report.changed(), report.flagged, report.refused) == (0, [], [])
    assert dict(report.unchanged) == {"children": 1, "relationships": 5, "enrolments": 1}
    assert Event.objects.count() == events


def test_an_empty_cell_says_nothing(ann, workers):
    load(full(SchoolFactory()))
    before = Child.objects.values().get()
    report = load({"child_id": "A1"})

    assert (report.changed(), Child.objects.values().get()) == (0, before)
    assert len(ties()) == 5


def test_a_new_worker_begins_on_the_day_the_former_one_ends(ann, workers):
    former = UserFactory(role="socialworker")
    tie = RelationshipFactory(
        child=ann, kind=RelationKind.SOCIAL_WORKER, user=former, start=today() - timedelta(days=9)
    )
    report = load(ANN | {"social_worker_email": "sw@council.example"})
    tie.refresh_from_db()
    now = Relationship.objects.get(end__isnull=True)

    assert (tie.end, now.start, now.user) == (today(), today(), workers["socialworker"])
    assert (report.created["relationships"], report.updated["relationships"]) == (1, 1)
    assert sorted(Event.objects.values_list("kind", "data__relationship")) == sorted(
        [("relationship.changed", tie.pk), ("relationship.changed", now.pk)]
    )
    assert not Child.objects.visible_to(former).exists()


def test_a_worker_planned_for_later_stays_planned(ann, workers):
    later = today() + timedelta(days=9)
    RelationshipFactory(child=ann, kind=RelationKind.IRO, user=UserFactory(role="iro"), start=later)
    load(ANN | {"iro_email": "iro@council.example"})

    assert list(Relationship.objects.order_by("start").values_list("start", "end")) == [(today(), later), (later, None)]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("social_worker_email", "nobody@council.example", "Nobody has an account with this email address."),
        ("social_worker_email", "gone@council.example", "The account is closed."),
        (
            "iro_email",
            "sw@council.example",
            "The role of this account is Social worker, which does not do this work.",
        ),
        ("team", "Twin team", "Several social work teams have this name; give the code."),
        ("school_urn", "999999", "No school with this URN is held. Import the school register first."),
        ("school_start", "01/09/2023", "A start without a school; set aside."),
        ("last_pep_date", "01/10/2026", "It is after 01/09/2026, from when PEPs are recorded here; set aside."),
        ("last_pep_date", "01/10/2027", "A PEP in the future cannot have been held; set aside."),
        ("last_pep_date", "summer", "Not a date written dd/mm/yyyy."),
        ("date_of_birth", "15/05/2012", "The child held was born on 14/05/2012; that date is kept."),
        ("date_of_birth", "14 May 2012", "Not a date written dd/mm/yyyy."),
        ("upn", "Z801200001001", "The check letter should be H."),
        ("last_name", "x" * 121, "Longer than 120 characters; set aside."),
    ],
)
def test_a_cell_in_doubt_is_flagged_and_the_rest_of_the_row_kept(ann, workers, column, value, reason):
    UserFactory(role="socialworker", email="gone@council.example", deactivated=True)
    OrganisationFactory.create_batch(2, name="Twin team")
    report = load(ANN | {column: value})
    ann.refresh_from_db()

    assert [(remark.line, remark.column, remark.value, remark.reason) for remark in report.flagged] == [
        (2, column, value, reason)
    ]
    assert (report.refused, ann.first_names, ann.date_of_birth) == ([], "Ann Mary", date(2012, 5, 14))
    assert (ties(), ann.enrolments.count(), ann.last_pep_before_go_live) == ({}, 0, None)


def test_a_team_that_is_not_known_is_made_once(ann, workers):
    ChildFactory(in_care=True, child_id="N2")
    report = load(ANN | {"team": "South"}, {"child_id": "N2", "last_name": "Next", "team": "SOUTH"})
    team = Organisation.objects.teams().get(name="South")
    assert report.to_json()["created"]["teams"] == 1
    assert sorted(team.relationships.values_list("child__child_id", flat=True)) == sorted([ann.child_id, "N2"])
    assert "teams" not in load(ANN | {"team": "South"}).to_json()["created"]


def test_rows_that_are_refused(ann):
    ChildFactory(is_sealed=True, child_id="S1")
    report = load(
        ANN,
        ANN,
        {"child_id": "N1", "last_name": "New"},
        {"child_id": "", "last_name": "Nobody"},
        {"child_id": "S1", "last_name": "Sealed"},
    )

    assert told(report.refused) == [
        ("roll.csv", 3, "child_id", "A1"),
        ("roll.csv", 4, "child_id", "N1"),
        ("roll.csv", 5, "child_id", ""),
        ("roll.csv", 6, "child_id", "S1"),
    ]
    assert Child.objects.count() == 2


def test_when_neither_date_of_birth_nor_upn_agree_the_row_is_refused(ann):
    Child.objects.update(upn="H801200001001")
    report = load(ANN | {"date_of_birth": "01/01/2010", "upn": "B302401216001"})
    ann.refresh_from_db()

    assert (told(report.refused), ann.first_names) == ([("roll.csv", 2, "child_id", "A1")], "")


def test_a_child_who_left_care_is_named_and_not_allocated(workers):
    ChildFactory(left_care=True, nameless=True, child_id="L1")
    school = SchoolFactory()
    report = load({"child_id": "L1", "last_name": "Left", "school_urn": school.urn, "team": "T-N"})

    assert [remark.reason for remark in report.flagged] == [
        "The child is not in care here. Names were kept; nobody was allocated."
    ]
    assert (Child.objects.get(child_id="L1").last_name, ties(), Enrolment.objects.count()) == ("Left", {}, 0)


def test_two_children_with_one_upn_are_told_on_both(ann):
    ChildFactory(in_care=True, child_id="B1", upn="H801200001001")
    report = load(ANN | {"upn": "H801200001001"})

    assert [remark.reason for remark in report.flagged] == ["It is also the UPN of child B1."]
    assert Child.objects.get(child_id="B1").upn_problem == "It is also the UPN of child A1."


# ---------------------------------------------------------------- schools


def test_a_new_school_ends_the_place_at_the_one_before(ann):
    before = EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2023, 9, 1))
    school = SchoolFactory()
    report = load(ANN | {"school_urn": school.urn, "school_start": "02/11/2026"})
    before.refresh_from_db()
    now = ann.enrolments.get(school=school)

    assert (before.end, before.end_reason, now.start, now.end) == (
        date(2026, 11, 2),
        "Moved to another school",
        date(2026, 11, 2),
        None,
    )
    assert report.flagged == []
    assert list(Event.objects.order_by("pk").values_list("kind", "data__enrolment")) == [
        ("enrolment.ended", before.pk),
        ("enrolment.started", now.pk),
    ]


def test_a_place_taken_before_go_live_is_told_to_nobody(ann):
    load(ANN | {"school_urn": SchoolFactory().urn, "school_start": "01/09/2023"})

    assert Event.objects.count() == 0


def test_without_a_start_the_day_of_the_import_is_taken_and_told(ann):
    row = ANN | {"school_urn": SchoolFactory().urn}
    report = load(row)

    assert [remark.column for remark in report.flagged] == ["school_urn"]
    assert ann.enrolments.get().start == today()
    assert (load(row).changed(), load(row).flagged) == (0, [])


def test_a_start_is_put_right_at_the_same_school(ann):
    place = EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2023, 9, 1))
    report = load(ANN | {"school_urn": place.school.urn, "school_start": "04/09/2023"})
    place.refresh_from_db()

    assert (place.start, report.updated["enrolments"]) == (date(2023, 9, 4), 1)


def test_a_school_in_the_past_of_another_is_a_question(ann):
    place = EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2024, 9, 1))
    report = load(ANN | {"school_urn": SchoolFactory().urn, "school_start": "01/09/2023"})

    assert [remark.reason for remark in report.flagged] == [
        "The child is held as on the roll of another school from 01/09/2024. Set aside."
    ]
    assert list(ann.enrolments.all()) == [place]


def test_a_planned_start_is_kept_for_its_day(ann):
    place = EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2023, 9, 1))
    school = let_move(ann, SchoolFactory()).schools.get().school
    row = ANN | {"school_urn": school.urn, "school_start": "04/01/2027"}
    load(row)
    place.refresh_from_db()

    assert place.end == date(2027, 1, 4)
    assert load(row).changed() == 0


def test_a_start_to_come_that_is_held_up_is_set_aside_and_kept_once_it_has_come(ann, monkeypatch):
    asked = []
    no = refuse("Nobody has decided this move.", "A rule")
    monkeypatch.setattr(stops, "ENROLMENT_LOOKS", [lambda step: asked.append(step) or no])
    before = EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2023, 9, 1))
    school, tomorrow = SchoolFactory(), today() + timedelta(days=1)
    row = ANN | {"school_urn": school.urn, "known_as": "Annie"}
    report = load(row | {"school_start": f"{tomorrow:%d/%m/%Y}"})
    ann.refresh_from_db()

    assert asked == [stops.SchoolStep(ann, school, tomorrow, None, None)]
    assert [(remark.column, remark.value, remark.reason) for remark in report.flagged] == [
        ("school_urn", school.urn, "Nobody has decided this move. Source: A rule. The start is set aside.")
    ]
    assert (list(ann.enrolments.values_list("school", "end")), ann.known_as) == ([(before.school_id, None)], "Annie")
    assert Event.objects.count() == 0

    assert load(row | {"school_start": f"{today():%d/%m/%Y}"}).flagged == []
    assert list(ann.enrolments.order_by("start").values_list("school", "end")) == [
        (before.school_id, today()),
        (school.pk, None),
    ]
    assert len(asked) == 1


def test_another_day_for_a_planned_start_is_asked_of_and_takes_the_end_before_along(ann, monkeypatch):
    EnrolmentFactory(child=ann, school=SchoolFactory(), start=date(2023, 9, 1))
    school = let_move(ann, SchoolFactory()).schools.get().school
    row = ANN | {"school_urn": school.urn}
    load(row | {"school_start": "04/01/2027"})
    assert load(row | {"school_start": "06/01/2027"}).flagged == []
    assert list(ann.enrolments.order_by("start").values_list("start", "end")) == [
        (date(2023, 9, 1), date(2027, 1, 6)),
        (date(2027, 1, 6), None),
    ]
    planned, asked = ann.enrolments.get(school=school), []
    monkeypatch.setattr(stops, "ENROLMENT_LOOKS", [lambda step: asked.append(step) or refuse("Settle it.")])
    told = [(remark.column, remark.reason) for remark in load(row | {"school_start": "06/09/2027"}).flagged]
    assert told == [("school_start", "Settle it. The start is set aside.")]
    assert asked == [stops.SchoolStep(ann, school, date(2027, 9, 6), None, None, True, planned)]
    assert set(ann.enrolments.values_list("end", flat=True)) == {date(2027, 1, 6), None}


def test_a_start_years_ahead_is_a_slip_of_the_keys(ann):
    report = load(ANN | {"school_urn": SchoolFactory().urn, "school_start": "06/01/2127"})
    assert [remark.column for remark in report.flagged] == ["school_start"]
    assert not ann.enrolments.exists()


def test_a_closed_school_is_told_and_kept(ann):
    school = SchoolFactory(closed=True, closed_on=date(2021, 8, 31))
    report = load(ANN | {"school_urn": school.urn, "school_start": "01/09/2023"})

    assert [remark.reason for remark in report.flagged] == [f"{school.name} is closed. Kept."]
    assert ann.enrolments.get().school == school


def test_a_start_before_birth_is_set_aside(ann):
    report = load(ANN | {"school_urn": SchoolFactory().urn, "school_start": "01/09/2011"})

    assert [remark.column for remark in report.flagged] == ["school_start", "school_urn"]
    assert ann.enrolments.get().start == today()


# ---------------------------------------------------------------- columns


def test_columns_go_by_many_names(ann, workers):
    columns = ("Child ID", "Forename(s)", "Surname", "D.O.B.", "Social Worker e-mail", "Shoe size")
    names = ("Child ID", "Forename", "Surname", "DOB", "Social Worker e-mail", "Shoe size")
    row = dict(zip(names, ("A1", "Ann", "O'Neil", "14/05/2012", "sw@council.example", "36"), strict=True))
    report = load(row, columns=names)

    assert told(report.flagged) == [("roll.csv", 1, "Shoe size", "")]
    assert (Child.objects.get().name, len(ties())) == ("Ann O'Neil", 1)
    assert roll_columns.fold(columns[1]) == "forename_s"


@pytest.mark.parametrize(
    ("name", "first", "last"), [("O'Neil, Ann Mary", "Ann Mary", "O'Neil"), ("Ann Mary O'Neil", "Ann Mary", "O'Neil")]
)
def test_a_name_in_one_cell(ann, name, first, last):
    report = Report()
    content = f'id;name;dob\nA1;"{name}";14/05/2012\n'.encode("utf-16")
    import_roll([SourceFile("r.csv", content)], report=report, options={})
    ann.refresh_from_db()

    assert (ann.first_names, ann.last_name) == (first, last)


def test_without_dates_of_birth_it_is_told_that_children_were_found_by_id_alone():
    report = load(ANN, columns=("child_id", "last_name"))

    assert told(report.flagged) == [("roll.csv", 1, "date_of_birth", "")]


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"person,surname\nA1,X\n", "child_id"),
        (b"child_id,upn\n", "last_name"),
        (b"a,b\n", "child_id, last_name"),
        (b"", ""),
    ],
)
def test_a_file_that_is_no_roll_is_refused_as_a_whole_naming_the_columns(content, column):
    with pytest.raises(RefusedAsAWhole) as refused:
        import_roll([SourceFile("r.csv", content)], report=Report(), options={})

    assert told(refused.value.report.refused) == [("r.csv", 1, column, "")]


def test_queries_do_not_grow_with_the_roll(workers, django_assert_num_queries, ann):
    school = SchoolFactory()
    rows = [
        full(school) | {"child_id": child.child_id, "date_of_birth": "", "upn": ""}
        for child in ChildFactory.create_batch(30, in_care=True)
    ]
    with django_assert_num_queries(17):
        load(*rows[:1])
    with django_assert_num_queries(17):
        load(*rows[1:])
