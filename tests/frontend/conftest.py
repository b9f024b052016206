"""A frame that stays the same whatever the service's own navigation holds."""

import pytest

from virtualschool.kernel import context

NAVIGATION = [
    {"text": "Your work", "href": "/", "active": True},
    {"text": "Children", "href": "/children/", "active": False},
    {"text": "Attendance", "href": "/attendance/", "active": False},
]
BANNER = {"text": "The checks of last night are not complete.", "href": "/nights/", "link_text": "See the nights"}


@pytest.fixture(autouse=True)
def frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Navigation, night banner and person as an upper app would register them."""
    monkeypatch.setattr(context, "_suppliers", {})
    context.register_navigation(lambda request: NAVIGATION)
    context.register_night_banner(lambda request: BANNER)
    context.register_person(
        lambda request: {"name": request.user.name, "role": "Area learning advocate", "href": "/you/"}
    )
