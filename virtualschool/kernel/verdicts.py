"""Answers to "may this person do this now?" that carry their reason and its source to the page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Yes, or no with a reason in plain words and the rule or document it comes from."""

    allowed: bool
    reason: str = ""
    source: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def __and__(self, other: "Verdict") -> "Verdict":
        """Both must allow; the first refusal is the one told."""
        return other if self.allowed else self


ALLOW = Verdict(allowed=True)


def refuse(reason: str, source: str = "") -> Verdict:
    """A no. ``source`` names the statute, the council rule or the guidance behind it."""
    return Verdict(allowed=False, reason=reason, source=source)


class Refused(Exception):
    """Raised by an action whose policy said no; the page answers 403 with the reason and its source."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


class Conflict(Exception):
    """The record has moved on since the page was drawn (a double click, a stale tab); the page answers 409."""


def require(verdict: Verdict) -> None:
    """Go on when allowed.

    Raises:
        Refused: with the verdict, when it is a no.
    """
    if not verdict:
        raise Refused(verdict)
