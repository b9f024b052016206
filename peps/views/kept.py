"""A PEP as it was kept: the version as its own page, the second marking and the page of a graded PEP show it.

Each part says so where a version is older than that it was kept.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.text import capfirst

from children.models import School
from peps import frozen, layouts, record, statements
from peps.actions.snapshot import OF_MEETINGS
from peps.enums import ChildThere, FileKind, Seat
from peps.layouts import SectionSpec
from peps.models import Pep, PepFile, PepTarget, PepVersion
from peps.policies_files import group_in
from peps.views import blind
from peps.views.reading import other_form_rows, question_rows, target_rows, unanswered_by
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup, Reach
from virtualschool.kernel.formfields import long_date, long_moment
from virtualschool.kernel.money import pounds

NOT_KEPT = "Not kept with this version"
LAST_TARGETS = "What became of last time’s targets"
Kept = Mapping[str, Any]
Card = dict[str, Any]
Files = dict[str, list[dict[str, str]]]


def whole(user: User, pep: Pep, version: PepVersion, unseen: frozenset[int]) -> dict[str, Any]:
    """All that a reader of this role sees of a version, in the layout it was written in. A constant number of queries.

    Args:
        unseen: the PEPs whose grades are not to be seen.
    """
    reads, content = user.role_class.reads, version.content
    known = frozen.of_version(pep, content)
    facts = blind.facts(known, unseen) if known else None
    files = _files(reads, pep, content)
    cards = [*_sections(reads, pep, content, facts, files), *last_targets(reads, pep, content)]
    if of_meetings := files.get(OF_MEETINGS):
        cards.append({"key": OF_MEETINGS, "title": "Files of the meetings", "rows": [], "files": of_meetings})
    return {
        "record_words": known.words if known else frozen.NOT_KEPT,
        "front_sheet": record.front_sheet(facts, reads) if facts else [],
        "cards": cards,
        "targets": _targets(user, pep, content),
        "meeting": meeting_rows(content.get("meeting", {})),
    }


def last_targets(reads: Collection[FieldGroup], pep: Pep, content: Kept) -> list[Card]:
    """What was said of the targets of the PEP before, for those who read what a child learns; nothing of a first PEP."""
    rows = [_reviewed(one) for one in content.get("last_targets", ())]
    if FieldGroup.EDUCATION not in reads or not (rows or pep.previous_id):
        return []
    none = {"key": "Last targets", "value": "", "missing": "None was set" if "last_targets" in content else NOT_KEPT}
    return [{"key": "reviewed", "title": LAST_TARGETS, "rows": rows or [none]}]


def meeting_rows(kept: Kept) -> list[dict[str, Any]]:
    """The meeting that was held: who came, what was said and agreed, and when the next one is."""
    if not kept:
        return []
    came = [_person(one) for one in kept.get("people", ()) if one["attendance"] == "came"]
    there = kept.get("child_there", "")
    rows = [
        {"key": "Held", "value": long_moment(datetime.fromisoformat(kept["held_at"]))},
        {"key": "Who came", "value": "", "lines": came, "missing": "" if came else NOT_KEPT},
        {"key": "Was the child there?", "value": capfirst(str(ChildThere(there).label)) if there else ""},
        {"key": "Key points", "value": kept.get("key_points", "")},
    ]
    said = [row for row in rows if row["value"] or row.get("lines") or row.get("missing")]
    return [*said, _agreed(kept), _next(kept)]


# ---------------------------------------------------------------- parts


def _reviewed(kept: Kept) -> dict[str, Any]:
    outcome = PepTarget.Outcome(kept["outcome"]).label if kept["outcome"] else ""
    lines = [kept["evidence"]] if kept["evidence"] else []
    return {"key": kept["goal"], "value": capfirst(str(outcome)), "lines": lines, "missing": "Not reviewed"}


def _person(kept: Kept) -> str:
    return f"{capfirst(str(Seat(kept['seat']).label))}{': ' if kept['name'] else ''}{kept['name']}"


def _agreed(kept: Kept) -> dict[str, Any]:
    lines = [
        f"{one['what']}: {one['named_person']}, by {_day(one['by_when'])}. "
        + (f"Done on {_day(one['done_on'])}" if one["done_on"] else "Not done then")
        for one in kept.get("actions", ())
    ]
    missing = "None" if "actions" in kept else NOT_KEPT
    return {"key": "Agreed actions", "value": "", "lines": lines, "missing": "" if lines else missing}


def _next(kept: Kept) -> dict[str, Any]:
    on = kept.get("next_meeting_on")
    missing = "Not booked then" if "next_meeting_on" in kept else NOT_KEPT
    return {"key": "Next meeting", "value": _day(on) if on else "", "missing": missing}


def _day(kept: str) -> str:
    return long_date(date.fromisoformat(kept))


def _sections(
    reads: Collection[FieldGroup], pep: Pep, content: Kept, known: record.Facts | None, files: Files
) -> Iterable[Card]:
    """Each section with the questions that the reader's role reads; what was said by a link as it was given, what the record said
    then, and the files that were there."""
    said = content.get("sections", {})
    by_link = [statements.Said.kept(one) for one in content.get("statements", ())]
    for spec in layouts.of_version(content["layout"]):
        if spec.key not in said:
            continue
        rows = [*_answers(reads, pep, content, spec, by_link), *statements.rows_in(reads, spec.key, by_link)]
        if rows:
            facts = record.beside(known, spec.key, reads) if known else []
            yield {"key": spec.key, "title": spec.title, "rows": [*facts, *rows], "files": files.get(spec.key, [])}


def _answers(
    reads: Collection[FieldGroup], pep: Pep, content: Kept, spec: SectionSpec, by_link: Iterable[statements.Said]
) -> Iterable[dict[str, Any]]:
    form = (content.get("phase", ""), content.get("kind", ""), reads, content.get("year_group", pep.year_group))
    given = {key: (one.get("value"), one.get("by", "")) for key, one in content["sections"][spec.key].items()}
    asked = unanswered_by(spec.readable(*form), given, statements.answered_in(spec.key, by_link))
    rows = question_rows(asked, given, layouts.Lines(pep.opened_on))
    return [*rows, *other_form_rows(spec.of_other_forms(*form), given)]


def _files(reads: Collection[FieldGroup], pep: Pep, content: Kept) -> Files:
    """Files by the key of their section, or of meetings. One that is still there is opened from here; one query."""
    found: Files = {}
    layout = layouts.of_version(content["layout"])
    there = dict(PepFile.objects.readable(reads).filter(pep=pep).values_list("file__sha256", "file__uuid"))
    for one in content.get("files", ()):
        if one.get("reads", group_in(layout, one["place"], one["kind"])) in reads:
            size = filesizeformat(one["size"]) if "size" in one else "its size was not kept"
            hint = f"{capfirst(str(FileKind(one['kind']).label))}, {size}"
            key = there.get(one["sha256"])
            item = {"text": one["title"], "hint": hint if key else f"{hint}, removed since"}
            item["href"] = reverse("children:file", args=[key]) if key else ""
            found.setdefault(one["place"], []).append(item)
    return found


def _targets(user: User, pep: Pep, content: Kept) -> list[Card]:
    money = _reads_money(user, pep)
    cards = []
    for place, kept in enumerate(content.get("targets", ()), 1):
        facts = {name: value for name, value in kept.items() if name != "costs"}
        by_when = facts.get("by_when")
        facts["by_when"] = date.fromisoformat(by_when) if by_when else None
        costs = [_cost(cost) for cost in kept.get("costs", ())] if money else []
        rows = target_rows(PepTarget(**facts))
        cards.append({"title": f"Target {place}: {kept['goal']}", "rows": rows, "costs": costs})
    return cards


def _reads_money(user: User, pep: Pep) -> bool:
    """As for the lines themselves: a designated teacher those of their own school."""
    if not user.reads(FieldGroup.MONEY):
        return False
    if user.role_class.reach is not Reach.SCHOOL:
        return True
    return School.objects.visible_to(user).filter(pk=pep.school_id).exists()


def _cost(kept: Kept) -> dict[str, str]:
    sums = f"{kept['sessions_a_week']} a week × {kept['weeks']} weeks × {pounds(kept['price_pence'])}"
    state = {True: "Agreed", False: "Not agreed"}.get(kept["agreed"], "Asked for")
    return {
        "item": kept["item"],
        "kind": capfirst(kept["category"]),
        "sum": f"{sums} = {pounds(kept['total_pence'])}",
        "state": state,
    }
