"""A child says something on her own phone by a link from her teacher; the teacher reads it as given, the social worker reads it today."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.frontend.looking import Watcher
from tests.journeys.conftest import Cast, SitDown
from tests.journeys.walking import PHONE, Desk, Pick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.realclock]

AMY = "Amy Madeup"
QUIET = "I like maths when it is quiet. Lunch is too loud."
HARM = "Ms Reader helps. I am scared of the big boys."
AS_ON_A_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@dataclass
class Phone:
    """A phone without an account."""

    page: Page
    watcher: Watcher

    def arrives(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_have_text(heading)

    def tap(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=words, exact=True).tap()

    def face(self, words: str) -> None:
        self.page.get_by_label(words, exact=True).tap()
        self.tap("Next")

    def write(self, words: str) -> None:
        self.page.get_by_role("textbox").fill(words)
        self.tap("Next")

    def look(self, name: str) -> None:
        Desk(None, self.page, self.watcher).look(name)  # type: ignore[arg-type]  # nobody is signed in


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> Iterator[Phone]:
    page = new_context(base_url=live_server.url, **AS_ON_A_PHONE).new_page()
    watcher = Watcher(page)
    yield Phone(page, watcher)
    assert [line for line in watcher.said if "Failed to load resource" not in line] == []


def test_a_child_is_heard(cast: Cast, desk: SitDown, phone: Phone, new_context: Callable[..., BrowserContext]) -> None:
    teacher = desk(cast.teacher)
    teacher.go(cast.pep.get_absolute_url())
    teacher.follow("Ask the child, the carer or a parent")
    teacher.arrives("The child’s voice")
    teacher.look("voice-empty")
    teacher.press("Ask by a link")
    teacher.arrives("Ask the child, the carer or a parent")
    teacher.look("voice-ask")
    teacher.answer({"Who is asked?": Pick("Child")})
    teacher.press("Make the link")
    teacher.arrives("The link, shown this once")
    teacher.look("voice-link")
    address = teacher.main.locator(".vs-code").inner_text()

    phone.page.goto(address)
    phone.arrives("Hello")
    phone.look("child-start")
    phone.tap("Start")
    phone.arrives("Before you start")
    expect(phone.page.locator("main")).to_contain_text("your social worker")
    expect(phone.page.locator("main")).to_contain_text("0800 1111")
    phone.look("child-about")
    phone.tap("OK, go on")
    phone.arrives("How is school for you?")
    phone.look("child-faces")
    phone.face("OK")
    phone.arrives("What is the best bit of school, and what is the worst?")
    phone.look("child-words")
    phone.write(QUIET)
    phone.arrives("Do you feel safe at school, and that you belong there?")
    phone.face("OK")
    phone.arrives("How are friends and playtime?")
    phone.face("Great")
    phone.arrives("Who helps you, and what should grown-ups know about helping you?")
    phone.write(HARM)
    expect(phone.page.locator("main")).to_contain_text("We’ve asked an adult to read this today.")
    phone.arrives("What are you proud of, and what do you wish for next term?")
    phone.write("")
    phone.arrives("There is a meeting about your plan. Do you want to be there?")
    phone.look("child-choice")
    phone.face("For some of it")
    phone.arrives("Is this what you want to say?")
    phone.look("child-check")
    phone.tap("Yes, give my words")
    phone.arrives("Thank you")
    phone.look("child-done")

    stranger = new_context(**AS_ON_A_PHONE).new_page()
    stranger.goto(address)
    expect(stranger.locator("h1")).to_have_text("This link does not open here")

    teacher.go(cast.pep.get_absolute_url())
    teacher.sees("Somebody wrote what an adult has to read today.")
    teacher.look("pep-to-read")
    teacher.follow("Ask the child, the carer or a parent")
    teacher.arrives("The child’s voice")
    teacher.sees(QUIET, HARM, "For some of it")
    teacher.look("voice-given")
    teacher.go(cast.pep.get_absolute_url())
    teacher.follow("My views")
    teacher.arrives("My views")
    teacher.sees(QUIET)
    teacher.answer({"What adults understood": "Lunch is too loud for Amy."})
    teacher.press("Save and mark as finished")
    teacher.told("“My views” is finished.")

    worker = desk(cast.socialworker)
    alerts = worker.panel("Alerts")
    expect(alerts).to_contain_text(f"{AMY}: A child’s words need reading today")
    expect(alerts).not_to_contain_text("scared")
    worker.follow(f"{AMY}: A child’s words need reading today")
    worker.follow("Written by a link: read it and say what you did")
    worker.arrives("Words to read today")
    worker.sees(HARM)
    worker.look("concern")
    worker.answer({"What was done?": "Spoke with Amy and her school today."})
    worker.press("Save what was done")
    worker.told("What was done is saved.")
    worker.look("voice-answered")
    worker.go("/")
    expect(worker.panel("Alerts")).not_to_contain_text("words need reading")
