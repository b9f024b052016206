"""The dashboard: each number opens the list that it counts, from the same queryset, for whoever reads what it tells."""

from datetime import timedelta

import pytest
from django.urls import reverse

from children.enums import Answer, SenStatus
from children.models import Child
from peps.enums import PepState
from tests import personas
from tests.factories.attendance import ExclusionFactory
from tests.factories.children import (
    AlertFactory,
    CarePlacementFactory,
    ChildFactory,
    PeriodOfCareFactory,
    SchoolFactory,
    SenRecordFactory,
)
from tests.factories.peps import PepFactory
from tests.factories.referrals import RiskReportFactory
from tests.factories.rulebook import set_rule
from tests.overview import scene
from virtualschool.accounts.roles import ROLES
from virtualschool.audit.models import AccessLog
from virtualschool.kernel.dates import today
from virtualschool.overview.figures import groups, known
from virtualschool.overview.homes import work

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
DASHBOARD = reverse("overview:dashboard")
READERS = ("vsh", "ala", "coordinator", "support")
CHECKS = {
    "no-pep-this-term": "pep.none_this_term",
    "persistently-absent": "attendance.persistent",
    "attendance-falling": "attendance.fall",
    "no-marks": "attendance.no_marks",
    "suspension-days": "attendance.suspension_days",
}


def shown(client, user) -> dict[str, dict]:
    """The figures on the person's dashboard by their key."""
    client.force_login(user)
    groups = client.get(DASHBOARD).context["groups"]
    return {figure["href"].rstrip("/").rpartition("/")[2]: figure for group in groups for figure in group["figures"]}


def names_counted(client, key: str) -> list[str]:
    rows = client.get(reverse("overview:figure", args=[key])).context["table"].rows
    return [row[0].cell.text.removesuffix(" Madeup") for row in rows]


def in_care(name: str, *, school: bool = True, start=None, **facts) -> Child:
    """A child who is counted, in Year 5 at a school unless said otherwise."""
    child = ChildFactory(first_names=name, school=SchoolFactory() if school else None, **facts)
    PeriodOfCareFactory(child=child, **({"start": start} if start else {}))
    return child


def pep(child: Child, **facts) -> None:
    PepFactory(child=child, period=child.periods_of_care.get(), **facts)


def answered(child: Child, check: str) -> None:
    AlertFactory(
        child=child, check_name=check, answer=Answer.NOTED, answer_reason="Known", answered_by=personas.person("ala")
    )


@pytest.fixture
def counted() -> None:
    """One child for each figure, named by its key, beside children whom it must not count."""
    in_care("new-to-care", start=today() - 27 * DAY)
    in_care("a month ago", start=today() - 28 * DAY)
    in_care("year-6", year=6)
    in_care("year-11", year=11)
    CarePlacementFactory(child=in_care("out-of-area"), out_of_area=True)
    CarePlacementFactory(child=in_care("back again"), out_of_area=True, end=today())
    SenRecordFactory(child=in_care("ehc-plan"), status=SenStatus.EHCP)
    SenRecordFactory(child=in_care("sen support"), status=SenStatus.SUPPORT)
    in_care("no-school", school=False)
    in_care("too old for it", school=False, year=13)
    pep(in_care("peps-done"), complete=True)
    pep(in_care("last term"), complete=True, academic_year=2025, term="summer")
    pep(in_care("peps-under-way"), state=PepState.PREPARING)
    pep(in_care("cancelled"), cancelled=True)
    pep(in_care("peps-in-qa"), submitted=True)
    pep(in_care("peps-overdue"), overdue=True, academic_year=2025, term="summer")
    for key, check in CHECKS.items():
        answered(in_care(key), check)
        AlertFactory(child=in_care(f"was {key}"), check_name=check, resolved=True)
    ExclusionFactory(child=in_care("suspended"), ago=1)
    ExclusionFactory(child=in_care("was suspended"))
    RiskReportFactory(child=in_care("at-risk"))
    RiskReportFactory(child=in_care("risk closed"), closed=True)
    AlertFactory(child=in_care("unanswered-alerts"))
    ChildFactory(first_names="short breaks", in_short_breaks=True)
    ChildFactory(first_names="left", left_care=True)


def test_each_figure_counts_whom_it_says_and_nobody_else(client, counted):
    figures = shown(client, personas.person("vsh"))
    keys = [key for key in known() if key != "on-roll"]
    assert {key: names_counted(client, key) for key in keys} == {key: [key] for key in keys}
    assert figures["on-roll"]["number"] == Child.objects.count() - 2


def test_the_number_is_the_lists_total_for_every_role_and_every_figure(client, counted):
    for role in READERS:
        user = personas.person(role, phases=["P", "S"] if role == "support" else [])
        figures = shown(client, user)
        totals = {key: client.get(figure["href"]).context["pages"].total for key, figure in figures.items()}
        assert {key: figure["number"] for key, figure in figures.items()} == totals
        assert totals["on-roll"] > 0


def test_every_figure_stands_in_one_group():
    grouped = [figure.key for _, figures in groups(known()) for figure in figures]
    assert sorted(grouped) == sorted(known())


def test_the_years_in_which_moves_are_avoided_are_the_rulebooks(client):
    child = in_care("Ann", year=9)
    set_rule("move.flag_years", [2, 9], from_=today() - DAY)
    figures = shown(client, personas.person("vsh"))
    years = {key: figure["number"] for key, figure in figures.items() if key.startswith("year-")}
    assert years == {"year-2": 0, "year-9": 1}
    assert client.get(reverse("overview:figure", args=["year-6"])).status_code == 404
    page = client.get(child.get_absolute_url()).context["page"]
    assert [flag["text"] for flag in page.flags] == ["Year 9: moves of school to be avoided"]


def test_new_to_care_is_the_same_on_the_home_page(client, counted):
    user = personas.person("vsh")
    panel = work.new_to_care(user)
    assert panel.count == shown(client, user)["new-to-care"]["number"] == 1
    assert [item["title"] for item in panel.items] == ["new-to-care Madeup"]


def test_no_label_needs_another_form_for_one_child():
    """The number stands before it, be it 0, 1 or 2."""
    words = {word for figure in known().values() for word in figure.label.split()}
    assert words & {"child", "children", "are", "have"} == set()


def test_a_support_officer_counts_their_phase(client, counted):
    figures = shown(client, personas.person("support", phases=["S"]))
    assert (figures["on-roll"]["number"], figures["year-11"]["number"], figures["year-6"]["number"]) == (1, 1, 0)


def test_alerts_of_kinds_that_a_role_does_not_read_are_not_in_its_numbers(client):
    AlertFactory(child=in_care("Ann"), field_group="health")
    got = {role: shown(client, personas.person(role))["unanswered-alerts"]["number"] for role in ("vsh", "coordinator")}
    assert got == {"vsh": 1, "coordinator": 0}


def test_who_reads_no_reports_of_risk_has_no_such_number_and_no_such_list(client, counted):
    assert "at-risk" not in shown(client, personas.person("coordinator"))
    assert client.get(reverse("overview:figure", args=["at-risk"])).status_code == 404


def test_the_bad_ones_are_marked_when_there_is_somebody(client, counted):
    with_somebody = shown(client, personas.person("vsh"))["no-school"]["tone"]
    Child.objects.filter(first_names="no-school").update(sealed=True)
    assert (with_somebody, shown(client, personas.person("vsh"))["no-school"]["tone"]) == ("bad", "")


@pytest.mark.parametrize("key", ["unknown", "on-roll2", "ON-ROLL", "0"])
def test_an_unknown_figure_does_not_exist(client, key):
    client.force_login(personas.person("vsh"))
    assert client.get(reverse("overview:figure", args=[key])).status_code == 404


def test_for_the_virtual_school_alone(client):
    people = {role: personas.person(role, phases=["P"] if role == "support" else []) for role in ROLES}
    for path in (DASHBOARD, reverse("overview:figure", args=["on-roll"])):
        got = set()
        for role, user in people.items():
            client.force_login(user)
            answer = client.get(path)
            assert answer.status_code in (200, 403)
            if answer.status_code == 200:
                got.add(role)
        assert got == set(READERS)


def test_a_list_says_its_definition_and_whom_it_showed(client):
    child = in_care("Ann", year=6)
    user = personas.person("vsh")
    client.force_login(user)
    answer = client.get(reverse("overview:figure", args=["year-6"]))
    html = answer.content.decode()
    assert ("Year 6 by age; moves of school are to be avoided." in html, "<strong>1</strong> child" in html) == (
        True,
        True,
    )
    row = AccessLog.objects.latest("pk")
    assert (row.kind, row.child_ids) == ("list", [child.pk])


@pytest.mark.parametrize("number", [1, 50])
def test_the_same_questions_for_one_child_and_for_fifty(client, number, django_assert_num_queries):
    scene.more_children(number)
    client.force_login(personas.person("vsh"))
    client.get(reverse("overview:you"))
    with django_assert_num_queries(32):
        client.get(DASHBOARD)
    with django_assert_num_queries(9):
        client.get(reverse("overview:figure", args=["on-roll"]))
