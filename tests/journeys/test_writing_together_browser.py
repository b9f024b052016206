"""Two people write in one PEP at once, and nobody's words are lost: not to the other, and not to a session that ends."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from peps.actions import delegating
from peps.models import PepAnswer, PepSection, PepSetAside
from tests.factories.accounts import MembershipFactory
from tests.journeys.conftest import Cast, SitDown, person
from tests.journeys.walking import PASSWORD, Desk
from virtualschool.accounts.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]
CLUBS = "Clubs, music, sport, reading: life beyond lessons"
ADULT = "Key adult at school"


@pytest.fixture
def section(cast: Cast) -> PepSection:
    return cast.pep.sections.get(key="education_now")


@pytest.fixture
def colleague(cast: Cast, section: PepSection) -> User:
    """Somebody of the school to whom the designated teacher gave the section."""
    user = person("teacher", name="Colin League")
    MembershipFactory(user=user, organisation=cast.school.organisation, position="colleague")
    delegating.delegate(section=section, colleague=user, by=cast.teacher)
    return user


def open_section(one: Desk, section: PepSection) -> None:
    one.go(reverse("peps:write", args=[section.uuid]))
    one.arrives("Education now")


def saved(one: Desk, words: str) -> None:
    expect(one.page.locator("[data-vs-saved] [role=status]")).to_contain_text(words)


def test_two_desks_and_one_section(cast: Cast, desk: SitDown, section: PepSection, colleague: User) -> None:
    first, second = desk(cast.teacher), desk(colleague)
    second.follow("Amy Madeup: Education now")
    second.arrives("Education now")
    open_section(first, section)

    # different boxes: both are kept, without a button
    first.answer({CLUBS: "Choir on Mondays"})
    saved(first, "Saved at")
    second.answer({ADULT: "Ms Reader"})
    saved(second, "Saved at")
    assert dict(PepAnswer.objects.values_list("field", "value")) == {
        "clubs": "Choir on Mondays",
        "key_adult": "Ms Reader",
    }

    # the same box: the second sees both and chooses
    second.answer({CLUBS: "Football"})
    saved(second, "Both answers are kept.")
    second.look("saved-as-typed")
    assert PepSetAside.objects.get().value == "Football"
    second.follow("Choose which answer stays")
    second.arrives("Two answers to one question")
    second.sees("Choir on Mondays", "Football")
    second.page.get_by_label("Keep both, one under the other").check()
    second.press("Keep my choices")
    second.arrives("Education now")
    assert PepAnswer.objects.get(field="clubs").value == "Choir on Mondays\n\nFootball"


def test_a_session_that_ended_keeps_the_words(cast: Cast, desk: SitDown, section: PepSection) -> None:
    one = desk(cast.teacher)
    open_section(one, section)
    Session.objects.all().delete()
    one.answer({CLUBS: "Choir on Mondays"})
    saved(one, "Not saved yet: you are signed out.")
    one.press("Save and come back later")
    saved(one, "Your words stay on this page.")
    assert not PepAnswer.objects.exists()

    # in another tab they sign in again; back on the page, the words are saved
    tab = one.page.context.new_page()
    tab.goto("/")
    tab.get_by_label("Email").fill(cast.teacher.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()
    expect(tab.locator("h1")).to_contain_text("Your work")
    tab.close()
    one.page.bring_to_front()
    one.press("Save and go to the next section")
    one.arrives("Attendance and suspension")
    assert PepAnswer.objects.get().value == "Choir on Mondays"


def test_the_network_goes_and_comes_back(cast: Cast, desk: SitDown, section: PepSection) -> None:
    one = desk(cast.teacher)
    open_section(one, section)
    one.page.context.set_offline(True)
    one.answer({CLUBS: "Choir on Mondays"})
    saved(one, "Not saved yet: the service cannot be reached.")
    one.page.context.set_offline(False)
    saved(one, "Saved at")
    assert PepAnswer.objects.get().value == "Choir on Mondays"
