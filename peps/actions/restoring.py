"""Putting what a PEP says back to its last version, when a change of it is withdrawn. What was typed stays in the change history."""

from collections.abc import Mapping
from typing import Any

from peps.actions.snapshot import TARGET_FIELDS
from peps.enums import SectionState
from peps.models import Pep, PepAnswer, PepCost, PepSection, PepSetAside, PepTarget, PepVersion
from virtualschool.accounts.models import User


def restore(pep: Pep) -> None:
    """The grade, the answers, the targets and the lines asked for are those of the last version; the opened sections are finished."""
    opened = PepSection.objects.filter(pep=pep).exclude(returned_why="")
    last = PepVersion.objects.filter(pep=pep).order_by("-number").first()
    if last is not None:
        PepSetAside.objects.filter(section__pep=pep).delete()
        _answers(pep, last)
        _targets(pep, last.content.get("targets", ()))
        pep.grade = last.content.get("review", {}).get("grade", pep.grade)
        pep.save(update_fields=["grade"])
    opened.update(state=SectionState.COMPLETE, returned_why="", completed_at=last.at if last else None)


def _answers(pep: Pep, last: PepVersion) -> None:
    sections = last.content.get("sections", {})
    authors = [author.user for author in pep.authors.select_related("user")]
    for answer in PepAnswer.objects.filter(section__pep=pep).select_related("section", "written_by"):
        kept = sections.get(answer.section.key, {}).get(answer.field)
        if kept is None:
            answer.delete()
        elif (answer.value, answer.writers) != (kept["value"], kept["by"]):
            _answer(answer, kept, authors, last)


def _answer(answer: PepAnswer, kept: Mapping[str, Any], authors: list[User], last: PepVersion) -> None:
    """A version names those who wrote an answer down: they are looked for among the PEP's authors."""
    answer.value, answer.version, answer.written_at = kept["value"], answer.version + 1, last.at
    names = kept["by"].split(", ")
    writer = next((user for user in authors if str(user) == names[0]), None)
    if writer is not None:
        answer.written_by, answer.also_by = writer, names[1:]
    answer.save(update_fields=["value", "version", "written_by", "written_at", "also_by"])


def _targets(pep: Pep, kept: Any) -> None:
    """Targets of a version that was kept before they had their own keys in it are left alone."""
    by_key = {target["uuid"]: target for target in kept if "uuid" in target}
    if len(by_key) < len(kept):
        return
    PepCost.objects.filter(target__pep=pep, agreed=None).delete()
    standing = {str(target.uuid): target for target in PepTarget.objects.filter(pep=pep)}
    for key, target in standing.items():
        if key not in by_key:
            target.delete()
    for key, facts in by_key.items():
        target = standing.get(key) or PepTarget(pep=pep, uuid=key, version=0)
        for name in TARGET_FIELDS:
            setattr(target, name, facts[name])
        target.version += 1
        target.save()
