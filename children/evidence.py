"""What an alert says and what a person needs to see it for themselves: a sentence, and the dated facts behind it."""

import json
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder


def fact(on: date, words: str, href: str = "") -> dict[str, str]:
    """One dated fact. ``href`` leads to its record."""
    return {"on": on.isoformat(), "words": words, "href": href}


def evidence(sentence: str, *facts: dict[str, str], **more: Any) -> dict[str, Any]:
    """A sentence and the facts behind it, in the order of their dates."""
    return {"sentence": sentence, "facts": sorted(facts, key=lambda one: (one["on"], one["words"])), **more}


def as_stored(told: dict[str, Any]) -> dict[str, Any]:
    """As it will come back from the database, so that a date or a tuple does not look changed every night."""
    stored: dict[str, Any] = json.loads(json.dumps(told, cls=DjangoJSONEncoder))
    return stored
