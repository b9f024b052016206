"""How a school is reached: what the register says of it, with links where there is something to follow."""

import pytest

from tests import personas
from tests.factories.children import SchoolFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(client):
    """The rows of a school's page, by their keys."""
    client.force_login(personas.person("vsh"))

    def rows(**facts) -> dict[str, dict]:
        answer = client.get(SchoolFactory(**facts).get_absolute_url())
        assert answer.status_code == 200
        return {row["key"]: row for row in answer.context["rows"]}

    return rows


def test_address_head_telephone_and_website_are_shown(shown):
    rows = shown(
        head_name="Ms H Example",
        street="1 School Lane",
        town="Sampleton",
        postcode="ZZ1 1ZZ",
        telephone="01632 960100",
        website="https://school.example/",
    )
    assert [rows[key]["value"] for key in ("Head", "Address", "Telephone", "Website")] == [
        "Ms H Example",
        "1 School Lane, Sampleton, ZZ1 1ZZ",
        "01632 960100",
        "https://school.example/",
    ]


@pytest.mark.parametrize(
    ("telephone", "href"),
    [
        ("01632 960100", "tel:01632960100"),
        ("+44 (0)1632-960100", "tel:+441632960100"),
        ("ring the office", ""),
        ("01632 960100 ext 4", ""),
        ("", ""),
    ],
)
def test_a_number_can_be_rung(shown, telephone, href):
    assert shown(telephone=telephone)["Telephone"]["href"] == href


@pytest.mark.parametrize(
    ("website", "href"),
    [
        ("https://school.example/about", "https://school.example/about"),
        ("HTTP://school.example", "HTTP://school.example"),
        ("www.school.sch.example", "https://www.school.sch.example"),
        ("javascript:alert(1)", ""),
        ("//elsewhere.example", ""),
        ("https://", ""),
        ("none yet", ""),
        ("https://school.example/ onclick=x", ""),
        ("", ""),
    ],
)
def test_a_web_address_and_nothing_else_is_a_link(shown, website, href):
    assert shown(website=website)["Website"]["href"] == href


def test_what_is_not_known_is_said(shown, client):
    rows = shown(town="", postcode="")
    assert {key: rows[key]["missing"] for key in ("Address", "Telephone", "Website", "Head")} == dict.fromkeys(
        ("Address", "Telephone", "Website", "Head"), "Not known"
    )
