"""What every page must be in a browser: reachable for assistive technology, quiet in the console, no wider than a phone."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Response

WIDTHS = (1280, 320)
# Landmarks and headings as well as WCAG 2.2 AA; each rule below is switched off for a reason.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # the rest is only counted, which halves the time
}


class Watcher:
    """Keeps what the console said, what broke in a script and what could not be fetched, from the moment it is made."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.said.append(f"{response.status}: {response.url}")

    def faults(self, *, width: int, shot: Path | None = None) -> list[str]:
        """What is wrong with the page that is open, at this width. ``shot``: where to keep a picture of it."""
        self.page.set_viewport_size({"width": width, "height": 800})
        found = [*self.said, *violations(self.page)]
        # The console reports the status of the page itself; that one is asserted by whoever asked for it.
        found = [fault for fault in found if "Failed to load resource" not in fault]
        across = self.page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            found.append(f"{across} px across at {width}: {self.page.evaluate(WIDEST, width)}")
        if shot is not None:
            self.page.screenshot(path=shot, full_page=True)
        return found


WIDEST = """width => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
  .slice(0, 5).map(e => e.tagName + '.' + e.className).join(', ')"""


def violations(page: Page) -> list[str]:
    """What axe finds, each with the first element concerned."""
    results = Axe().run(page, options=AXE_OPTIONS).response
    return [f"{found['id']}: {found['help']}: {found['nodes'][0]['html'][:160]}" for found in results["violations"]]
