"""What happened, for a timeline: every app tells its own moments and one page puts them in order."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, order=True)
class Moment:
    """One thing that happened on a day. ``kind`` is the word a reader filters by: care, school, PEP, attendance …"""

    on: date
    title: str = field(compare=False)
    kind: str = field(compare=False)
    by: str = field(default="", compare=False)
    text: str = field(default="", compare=False)
    href: str = field(default="", compare=False)
