"""Each component is drawn, with every optional part and with none."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.frontend.urls_styleguide")]


def test_the_page_of_components_is_drawn(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 200


def test_the_form_comes_back_with_its_errors(client: Client) -> None:
    html = client.get("/styleguide/?sent=1").content.decode()
    assert "Meeting date must be a real date" in html
    assert html.count("There is a problem") == 1


def test_every_component_is_on_the_page() -> None:
    page = (settings.BASE_DIR / "templates/styleguide/index.html").read_text()
    names = sorted(p.name for p in Path(settings.BASE_DIR / "templates/components").glob("[a-z]*.html"))
    assert [name for name in names if f"components/{name}" not in page] == []
