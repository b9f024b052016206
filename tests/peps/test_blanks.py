"""A blank form on paper: just the questions of its phase, year group and circumstances, and nothing of a child."""

import pytest
from django.urls import reverse

from peps import blanks, layouts
from peps.enums import Owner, PepKind, PepPhase
from peps.forms.blanks import BlankForm
from peps.layouts import Circumstance, Occasion
from tests.peps import stages
from virtualschool.kernel.dates import today


def printed(made) -> list[tuple[str, str]]:
    return [(part.title, row.key) for part in made.parts for row in part.rows]


def opened(phase: str, kind: str, year: int, *circumstances: str) -> list[tuple[str, str]]:
    """What a PEP opened on this occasion is asked."""
    layout = layouts.current(today())
    sections = layout.sections_for(Occasion(phase, kind, frozenset(circumstances), year))
    return [
        (f"{section.title} ({Owner(section.owner).label})", field.label)
        for section in sections
        for field in section.fields_for(phase, kind, year)
    ]


@pytest.mark.parametrize("phase", PepPhase.values)
@pytest.mark.parametrize("kind", PepKind.values)
def test_every_question_has_room_or_choices_and_a_year_only_adds(phase, kind):
    short, full = (blanks.of_occasion(Occasion(phase, kind), every=every) for every in (False, True))
    rows = [row for part in full.parts for row in part.rows]
    assert [row.key for row in rows if not (row.room or row.lines or row.records)] == []
    assert set(printed(short)) < set(printed(full))
    of_years = [printed(blanks.of_occasion(Occasion(phase, kind, year=year))) for year in blanks.YEARS[phase]]
    assert [set(printed(short)) - set(with_year) for with_year in of_years] == [set()] * len(of_years)


def test_the_short_form_asks_what_has_to_be_answered_and_what_may_stand_in_for_it():
    occasion = Occasion("S", "initial", frozenset(), 10)
    required = {
        (f"{section.title} ({Owner(section.owner).label})", field.label)
        for section in layouts.current(today()).sections_for(occasion)
        for field in section.fields_for("S", "initial", 10)
        if field.required or field.needed
    }
    short = set(printed(blanks.of_occasion(occasion)))
    more = {label for _, label in short - required}
    standing_in = {field.unless for section in layouts.current(today()) for field in section.fields if field.required}
    labels = {
        field.label for section in layouts.current(today()) for field in section.fields if field.key in standing_in
    }
    assert required <= short
    assert more <= labels


@pytest.mark.parametrize(
    ("phase", "kind", "year", "named", "comes"),
    [
        ("P", "review", 4, (), ("previous",)),
        ("P", "initial", 6, (), ("transition",)),
        ("S", "initial", 8, ("reduced_timetable", "unaccompanied"), ("reduced_timetable", "unaccompanied")),
        ("S", "not_on_roll", 10, (), ("not_on_roll",)),
        ("16", "sen_joined", 12, (), ("ehc_plan", "transition")),
        ("E", "initial", -1, (), ("transition",)),
    ],
)
def test_with_a_year_group_it_is_what_such_a_pep_is_asked(phase, kind, year, named, comes):
    made = blanks.of_occasion(Occasion(phase, kind, frozenset(named), year), every=True)
    assert printed(made) == opened(phase, kind, year, *comes)


def test_the_form_says_which_and_refuses_a_year_of_another_phase():
    said = {"phase": "P", "kind": "review"}
    short = BlankForm(said)
    assert (short.is_valid(), short.occasion) == (True, Occasion("P", "review"))
    full = BlankForm(said | {"year": "6", "circumstances": [one.value for one in Circumstance if one]})
    assert (full.is_valid(), full.occasion.year, len(full.occasion.circumstances)) == (True, 6, 7)
    for wrong, name in (
        ({"year": "9"}, "year"),
        ({"year": "x"}, "year"),
        ({"circumstances": ["odd"]}, "circumstances"),
    ):
        assert list(BlankForm(said | wrong).errors) == [name]


@pytest.mark.django_db
class TestPages:
    def test_whoever_reads_peps_prints_one(self, client):
        story = stages.planned()
        found = {}
        for role in ("teacher", "socialworker", "sen"):
            client.force_login(story.people[role])
            answer = client.post(reverse("peps:blank"), {"phase": "P", "kind": "review"})
            found[role] = (answer.status_code, answer["Content-Type"].split(";")[0])
        pdf = (200, "application/pdf")
        assert found == {"teacher": pdf, "socialworker": pdf, "sen": (403, "text/html")}

    def test_one_pep_has_just_its_questions_as_its_reader_reads_them_and_names_nobody(self, client):
        story = stages.written()
        layout = layouts.of_version(story.pep.layout)
        wanted = {}
        for role in ("socialworker", "teacher"):
            reads = story.people[role].role_class.reads
            made = blanks.of_pep(story.pep, reads, every=True)
            wanted[role] = printed(made)
            asked = [
                (f"{layout.section(one.key).title} ({Owner(one.owner).label})", field.label)
                for one in story.pep.sections.order_by("position")
                for field in layout.section(one.key).readable(
                    story.pep.phase, story.pep.kind, reads, story.pep.year_group
                )
            ]
            assert printed(made) == asked
            assert story.pep.child.name not in f"{made}"
            assert "In a few more words" not in f"{made}"
        legal = "Who has parental responsibility, and any order that school should act on"
        assert {role: legal in [label for _, label in rows] for role, rows in wanted.items()} == {
            "socialworker": True,
            "teacher": False,
        }
        client.force_login(story.people.teacher)
        answer = client.get(reverse("peps:blank_of", args=[story.pep.uuid]))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert (
            "Blank form: every question of this PEP"
            in client.get(reverse("peps:paper", args=[story.pep.uuid])).content.decode()
        )
