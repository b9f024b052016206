"""What people do at a browser: sign in, press what they see, fill in what they are asked, read what the page says.

A ``Desk`` is one person's browser. Everything waits for what it expects to see, so nothing here sleeps.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.frontend.looking import Watcher
from virtualschool.accounts.models import User
from virtualschool.kernel.dates import today

PASSWORD = "a-long-enough-pass-phrase"
SHOTS = os.environ.get("VS_SHOTS")
NARROW = 320
PHONE: ViewportSize = {"width": 360, "height": 740}
# What a form still asks for: of each question without an answer that is not called optional or is marked as wrong, the boxes to fill and with what. Of
# choices the one with the words that are wished for, else the first; of a table every box, of one that grows those of its first row.
ASKED = """(form, wished) => {
    const shown = box => box.getClientRects().length > 0 && box.type !== "hidden" && box.type !== "submit";
    const words = box => [...(box.labels || [])].map(label => label.textContent.trim()).join(" ");
    const answered = box => ["radio", "checkbox"].includes(box.type) ? box.checked : box.value !== "";
    const seen = new Set();
    const found = [];
    for (const question of form.querySelectorAll(".govuk-form-group")) {
        if (question.parentElement.closest(".govuk-form-group")) continue;
        const title = question.querySelector("legend, label").textContent.trim();
        const grows = question.querySelector("button[name$='-more']");
        const asked = (grows && question.querySelector(".vs-rows__row")) || question;
        const boxes = [...asked.querySelectorAll("input, select, textarea")].filter(shown);
        const wrong = question.classList.contains("govuk-form-group--error");
        if ((title.endsWith("(optional)") && !wrong) || boxes.some(answered)) continue;
        for (const box of boxes) {
            const several = boxes.filter(other => other.name === box.name);
            if (several.length > 1 || ["radio", "checkbox"].includes(box.type)) {
                if (seen.has(box.name)) continue;
                seen.add(box.name);
                const chosen = several.find(other => words(other) === wished) || several[0];
                found.push([chosen.id, "check", words(chosen)]);
            } else if (box.tagName === "SELECT") {
                found.push([box.id, "choose", [...box.options].find(option => option.value).value]);
            } else {
                const kind = /-(day|month|year)$/.exec(box.name)?.[1] || (box.inputMode ? "number" : "words");
                found.push([box.id, kind, words(box)]);
            }
        }
    }
    return found;
}"""
# A busy machine answers late.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Pick:
    """The answer to a question with choices to tick."""

    words: str


@dataclass(frozen=True)
class Choose:
    """The answer to a question with a list to choose from."""

    words: str


@dataclass(frozen=True)
class Rows:
    """The answer to a question with rows: for a row by its words, the answers by those of its boxes."""

    cells: Mapping[str, Mapping[str, "Answer"]]


@dataclass(frozen=True)
class Boxes:
    """The answers to what is asked together under some words, by the words of each box."""

    cells: Mapping[str, "Answer"]


Answer = str | date | Pick | Choose | Rows | Boxes


@dataclass
class Desk:
    """One person at a browser of their own. ``scope`` is the part of the page they are looking at."""

    user: User
    page: Page
    watcher: Watcher
    tabs: list["Desk"] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)
    scope: str = "main"

    def sign_in(self) -> None:
        """Through the sign-in form, as far as the person's own work."""
        self.page.goto("/")
        self.page.get_by_label("Email").fill(self.user.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.arrives("Your work")

    # ---------------------------------------------------------------- going

    def go(self, address: str, *, status: int = 200) -> None:
        """Type an address."""
        response = self.page.goto(address)
        assert response is not None
        assert response.status == status

    def follow(self, words: str) -> None:
        """Press a link, by all of its words."""
        self.main.get_by_role("link", name=words, exact=True).first.click()

    def navigate(self, words: str) -> None:
        """Press a link of the main navigation."""
        self.page.get_by_role("navigation", name="Menu").get_by_role("link", name=words, exact=True).click()

    def press(self, words: str) -> None:
        """Press a button of the page, or what looks like one."""
        self.main.get_by_role("button", name=words, exact=True).click()

    # ---------------------------------------------------------------- answering

    def answer(self, answers: Mapping[str, Answer]) -> None:
        """Fill in questions by their words."""
        for question, given in answers.items():
            self._fill(self.main, question, given)

    def _fill(self, part: Locator, question: str, given: Answer) -> None:
        box, boxes = part.get_by_label(optional(question)), part.get_by_role("group", name=optional(question))
        if isinstance(given, Rows):
            for row, cells in given.cells.items():
                self._fill(boxes, row, Boxes(cells))
        elif isinstance(given, Boxes):
            for words, cell in given.cells.items():
                self._fill(boxes, words, cell)
        elif isinstance(given, Pick):
            boxes.get_by_label(given.words, exact=True).check()
        elif isinstance(given, Choose):
            box.select_option(label=given.words)
        elif isinstance(given, date):
            for part_of_date in ("day", "month", "year"):
                boxes.get_by_label(part_of_date.capitalize()).fill(str(getattr(given, part_of_date)))
        else:
            box.fill(given)

    def answer_the_rest(self, wished: str = "") -> None:
        """Answer whatever the page still asks for; of choices the one with the words that are wished for, else the first."""
        for box, kind, words in self.main.locator("form:has(.govuk-form-group)").evaluate(ASKED, wished):
            control = self.page.locator(f'[id="{box}"]')
            if kind == "check":
                control.check()
            elif kind == "choose":
                control.select_option(words)
            elif kind == "words":
                control.fill(f"In words: {words.lower()}")
            else:
                control.fill("20" if kind == "number" else str(getattr(today(), kind)))

    def question(self, words: str) -> Locator:
        """The group of choices, or of the boxes of a date, under a question."""
        return self.main.get_by_role("group", name=optional(words))

    def box(self, words: str) -> Locator:
        return self.main.get_by_label(optional(words))

    # ---------------------------------------------------------------- seeing

    @property
    def main(self) -> Locator:
        return self.page.locator(self.scope)

    def within(self, scope: str) -> "Desk":
        """The same desk, looking at a part of the page."""
        return replace(self, scope=scope)

    def arrives(self, heading: str) -> None:
        """The page's heading, without a tag in it, and then all of the page: what is counted on half a page is wrong."""
        expect(self.page.locator("h1")).to_have_text(re.compile(rf"^{re.escape(heading)}(\s|$)"))
        self.page.wait_for_load_state()

    def heading(self) -> str:
        """What the page's heading says, without a tag in it."""
        return self.page.locator("h1").evaluate("h1 => h1.firstChild.textContent.trim()")

    def stands(self, state: str) -> None:
        """The state in the page's heading."""
        expect(self.page.locator("h1 .govuk-tag")).to_have_text(state)

    def sees(self, *words: str) -> None:
        for one in words:
            expect(self.main.get_by_text(one).first).to_be_visible()

    def does_not_see(self, *words: str) -> None:
        for one in words:
            expect(self.main.get_by_text(one)).to_have_count(0)

    def told(self, words: str) -> None:
        """What the page says was just done."""
        expect(self.page.locator(".vs-messages")).to_contain_text(words)

    def fact(self, key: str) -> Locator:
        """The value beside a key of a summary list."""
        row = self.main.locator(".govuk-summary-list__row").filter(
            has=self.page.locator("dt", has_text=re.compile(rf"^\s*{re.escape(key)}\s*$"))
        )
        return row.locator("dd").first

    def panel(self, title: str) -> Locator:
        """A panel of the person's own work."""
        return self.main.locator("section").filter(
            has=self.page.get_by_role("heading", name=re.compile(rf"^{re.escape(title)}( \(\d+\))?$"))
        )

    def refused(self, step: str) -> Locator:
        """Why a step is not possible now, unfolded."""
        why = self.main.locator("details").filter(has_text=f"{step}: not now")
        why.locator("summary").click()
        return why

    def second_tab(self) -> "Desk":
        """The same page in another tab of the same browser."""
        tab = self.page.context.new_page()
        self.tabs.append(Desk(self.user, tab, Watcher(tab)))
        tab.goto(self.page.url)
        return self.tabs[-1]

    def look(self, name: str) -> None:
        """The open page is sound for everybody, and no wider than the narrowest phone. Each name is looked at once a desk."""
        if name in self.looked_at:
            return
        self.looked_at.add(name)
        before = self.page.viewport_size or {"width": 1280, "height": 800}
        faults = self.watcher.faults(width=before["width"])
        self.page.set_viewport_size({"width": NARROW, "height": 800})
        across = self.page.evaluate("document.documentElement.scrollWidth")
        for size in (PHONE, before):
            self.page.set_viewport_size(size)
            if SHOTS:
                self.page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}.png", full_page=True)
        assert {name: faults} == {name: []}
        assert (name, across) == (name, NARROW)


def optional(words: str) -> re.Pattern[str]:
    """The words of a question, whether or not it says that it may be left out."""
    return re.compile(rf"^\s*{re.escape(words)}( \(optional\))?\s*$")


def said(desk: Desk) -> list[str]:
    """What the browser's console said at a desk; the status of a page itself is asserted by whoever asked for it."""
    lines = [line for one in (desk, *desk.tabs) for line in one.watcher.said]
    return [line for line in lines if "Failed to load resource" not in line]
