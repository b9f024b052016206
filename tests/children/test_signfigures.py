"""How often signs fired by group: each child once, small figures hidden with what would tell them, the rest with their lists."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from children import signfigures
from children.models import Child
from tests import personas
from tests.factories.children import AlertFactory, ChildFactory, PeriodOfCareFactory
from tests.factories.rulebook import set_rule
from virtualschool.kernel.dates import today
from virtualschool.rulebook.enums import TermName
from virtualschool.rulebook.schoolyear import Term

DAY = timedelta(days=1)
TERM = Term(date(2026, 9, 1), date(2027, 1, 1), 2026, TermName.AUTUMN)


@pytest.mark.parametrize(
    ("facts", "groups"),
    [
        (("F", "WBRI", date(2022, 9, 2)), ("f", "white", "under-5")),
        (("M", "MWBC", date(2021, 9, 1)), ("m", "mixed", "5-9")),
        (("", "", date(2016, 9, 1)), ("unknown", "unknown", "10-15")),
        (("X", "NOBT", date(2010, 9, 1)), ("unknown", "unknown", "16-on")),
        (("F", "CHNE", date(2010, 9, 2)), ("f", "asian", "10-15")),
        (("F", "OOTH", date(2026, 10, 1)), ("f", "other", "under-5")),
        (("F", "REFU", date(2016, 9, 2)), ("f", "unknown", "5-9")),
        (("F", "BCRB", date(2016, 9, 2)), ("f", "black", "5-9")),
    ],
)
def test_the_group_of_a_child(facts, groups):
    assert tuple(group_of(facts, TERM)[0] for _, group_of, _ in signfigures.KINDS.values()) == groups


@pytest.fixture
def head(db):
    return personas.person("vsh")


def fired(*children: Child, sign: str = "moves", **facts) -> None:
    for number, child in enumerate(children):
        key = {"check_name": signfigures.CHECK, "natural_key": f"{sign}:{child.pk}:{number}:{facts.get('opened_on')}"}
        AlertFactory(child=child, **key, field_group="legal", **facts)


def count(sex: str, number: int, **facts) -> list[Child]:
    return [ChildFactory(in_care=True, sex=sex, **facts) for _ in range(number)]


def shown(found: signfigures.Picture, sign: str = "moves") -> dict[str, int | None]:
    return {group: found.tallies[sign, group].figure.count for group in found.groups}


@pytest.mark.django_db
class TestFigures:
    def test_each_child_counts_once_in_the_term_and_its_group(self, head, django_assert_max_num_queries):
        girls, boys = count("F", 13), count("M", 20)
        fired(*girls[:7], *boys[:6])
        fired(*girls[:2], opened_on=today() - DAY)
        fired(boys[9], opened_on=date(2026, 8, 31))
        fired(boys[10], sign="sdq", opened_on=today())
        fired(ChildFactory(left_care=True, sex="M"), ChildFactory(in_short_breaks=True, sex="M"))
        [(_, term), (_, before), *_] = signfigures.terms(today()).items()
        with django_assert_max_num_queries(6):
            found = signfigures.picture(head, term, "sex")
        assert (shown(found), found.times["moves"]) == ({"all": 13, "f": 7, "m": 6}, 15)
        assert shown(found, signfigures.CARE) == {"all": 33, "f": 13, "m": 20}
        tally = found.tallies["moves", "f"]
        assert {one.child for one in signfigures.alerts_of(head, tally, term)} == set(girls[:7])
        assert signfigures.alerts_of(head, tally, term).count() == 9
        assert signfigures.picture(head, before, "sex").times["moves"] == 1

    def test_a_small_figure_is_hidden_with_the_one_that_would_tell_it(self, head):
        white, black, asian = (count("F", 20, ethnicity=code) for code in ("WBRI", "BCRB", "AIND"))
        fired(*white[:8], *black[:7], *asian[:2])
        term = next(iter(signfigures.terms(today()).values()))
        found = signfigures.picture(head, term, "ethnicity")
        assert shown(found) == {"all": 17, "white": 8, "asian": None, "black": None}
        set_rule(signfigures.LEAST, 10)
        found = signfigures.picture(head, term, "ethnicity")
        assert shown(found) == {"all": 17, "white": None, "asian": None, "black": None}
        assert shown(found, "sdq") == {"all": 0, "white": 0, "asian": 0, "black": 0}

    def test_a_child_who_came_into_care_after_the_term_is_not_of_it(self, head):
        child = ChildFactory()
        PeriodOfCareFactory(child=child, start=today())
        fired(child, opened_on=today() - 90 * DAY)
        [term, before, *_] = signfigures.terms(today()).values()
        assert [
            len(signfigures.picture(head, one, "age").tallies["care", "all"].children) for one in (term, before)
        ] == [
            1,
            0,
        ]


@pytest.mark.django_db
class TestPages:
    def test_a_figure_opens_its_list_and_a_hidden_one_neither_number_nor_list(self, client, head):
        girls, boys = count("F", 12), count("M", 12)
        fired(*girls[:6], *boys[:1])
        client.force_login(head)
        answer = client.get(reverse("watch:signs"), {"by": "sex"})
        [moves] = [row for row in answer.context["table"].rows if row[0].cell.text == "Changes of care placement"]
        assert [drawn.cell.text for drawn in moves[1:]] == ["7", "7", "Not shown", "Not shown"]
        listed = client.get(moves[2].cell.href)
        assert len(listed.context["table"].rows) == 7
        for group in ("f", "m"):
            hidden = client.get(reverse("watch:sign", args=["moves"]), {"by": "sex", "group": group})
            assert (hidden.status_code, hidden.context["table"].rows) == (200, ())

    @pytest.mark.parametrize(
        ("address", "query", "status"),
        [
            ("signs", {}, 200),
            ("signs", {"term": "1999-autumn", "by": "religion"}, 200),
            ("signs", {"term": "x" * 2000, "by": "é" * 99}, 200),
            ("sign", {}, 200),
            ("sign", {"by": "religion"}, 404),
            ("sign", {"term": "1999-autumn"}, 404),
            ("sign", {"group": "nobody"}, 404),
            ("nonsense", {}, 404),
        ],
    )
    def test_odd_words_in_an_address(self, client, head, address, query, status):
        client.force_login(head)
        known = {"signs": reverse("watch:signs"), "sign": reverse("watch:sign", args=["moves"])}
        assert client.get(known.get(address, "/watch/signs/nonsense/"), query).status_code == status

    def test_a_switched_off_sign_says_so(self, client, head):
        set_rule("placement.signals.moves", {"on": False, "at_least": 2, "months": 12})
        client.force_login(head)
        rows = client.get(reverse("watch:signs")).context["table"].rows
        assert [row[0].cell.text for row in rows if row[0].cell.tag] == ["Changes of care placement"]
