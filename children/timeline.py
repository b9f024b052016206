"""What happened in a child's care, schools and work around them, as moments: already cut to what the reader's role reads.

Address, carer and birth family are in no moment.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.timezone import localdate

from children.closures import carried_on, goes_on
from children.models import Child, ChildFile, Note, ReferenceCode, School
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import FieldGroup
from virtualschool.kernel.dates import today
from virtualschool.kernel.moments import Moment

CARE, SCHOOL, PEOPLE, NOTE, FILE = "care", "school", "people", "note", "file"


def moments(child: Child, *, user: User) -> list[Moment]:
    """Everything this app tells of the child up to today, the latest first. Eleven queries, however much happened."""
    found = [*_schools(child, user), *_people(child), *_care(child, user), *_written(child, user)]
    return sorted((moment for moment in found if moment.on <= today()), reverse=True)


def _care(child: Child, user: User) -> Iterator[Moment]:
    if not user.reads(FieldGroup.LEGAL):
        return
    meanings = _meanings("LS", "REC", "REASON_PLACE_CHANGE")
    for period in child.periods_of_care.all():
        yield Moment(period.start, "Short breaks started" if period.short_breaks else "Care started", CARE)
        if period.end:
            yield Moment(period.end, "Care ended", CARE, text=_said(meanings, "REC", period.end_reason))
    yield from _episodes(child, meanings)
    for review in child.care_reviews.all():
        yield Moment(review.on, "Review of the care plan", CARE)
    if user.reads(FieldGroup.NARRATIVE):
        yield from _missing(child)


def _episodes(child: Child, meanings: dict[tuple[str, str], str]) -> Iterator[Moment]:
    """Changes inside a period of care: each episode says by its code what was new."""
    rows = list(child.care_episodes.order_by("start", "pk"))
    for before, episode in zip([None, *rows], rows, strict=False):
        if before is None or before.legal_status != episode.legal_status:
            yield Moment(episode.start, "Legal status", CARE, text=_said(meanings, "LS", episode.legal_status))
        if before is not None and episode.reason_new in {"P", "T", "B", "U"}:
            text = _said(meanings, "REASON_PLACE_CHANGE", before.reason_place_change)
            yield Moment(episode.start, "Care placement changed", CARE, text=text)


def _missing(child: Child) -> Iterator[Moment]:
    for episode in child.missing_episodes.all():
        words = "Missing" if episode.kind == "M" else "Away without authorisation"
        yield Moment(episode.start, f"{words}: began", CARE)
        if episode.end:
            yield Moment(episode.end, f"{words}: ended", CARE)


def _schools(child: Child, user: User) -> Iterator[Moment]:
    if not user.reads(FieldGroup.EDUCATION):
        return
    known = Exists(
        School.objects.visible_to(user).filter(pk=OuterRef("school"))
    )  # a teacher has no page of other schools
    rows = child.enrolments.select_related("school").order_by("start", "pk")
    places = list(rows.annotate(known=known, carried=carried_on(), goes_on=goes_on()))
    ended = {place.end: place.school.name for place in places if place.goes_on}
    for place in places:
        href = place.school.get_absolute_url() if place.known else ""
        title, text = f"Started at {place.school.name}", _kind(place.kind, place.get_kind_display())
        if place.carried:
            title, text = f"The school became {place.school.name}", f"{ended.get(place.start)} closed"
        yield Moment(place.start, title, SCHOOL, text=text, href=href)
        if place.end and not place.goes_on:
            yield Moment(place.end, f"Left {place.school.name}", SCHOOL, text=place.end_reason, href=href)
    for need in child.sen_records.all():
        yield Moment(need.start, f"Special educational needs: {need.get_status_display()}", SCHOOL)
    for result in child.attainments.all():
        yield Moment(result.on, f"{result.stage} {result.subject}: {result.result}", SCHOOL, text=result.source)


def _kind(kind: str, words: str) -> str:
    """Said only where it is not the plain case."""
    return "" if kind == "single" else words.capitalize()


def _people(child: Child) -> Iterator[Moment]:
    ties = list(child.relationships.select_related("user", "team"))
    begun = {(tie.kind, tie.start) for tie in ties}
    for tie in ties:
        kind = tie.get_kind_display()
        yield Moment(tie.start, f"{capfirst(kind)}: {tie.user or tie.team}", PEOPLE)
        if tie.end and (tie.kind, tie.end) not in begun:
            yield Moment(tie.end, f"No {kind}", PEOPLE, text=f"{tie.user or tie.team} ended")


def _written(child: Child, user: User) -> Iterator[Moment]:
    """Notes and files have their own rule of who reads them."""
    for note in Note.objects.visible_to(user).filter(child=child).select_related("author"):
        href = reverse("children:notes", args=[child.uuid])
        yield Moment(note.happened_on, note.subject, NOTE, by=note.author.name, text=note.body, href=href)
    for file in ChildFile.objects.visible_to(user).filter(child=child).select_related("uploaded_by"):
        href = reverse("children:files", args=[child.uuid])
        yield Moment(_day(file), f"File: {file.title}", FILE, by=file.uploaded_by.name, href=href)


def _day(file: ChildFile) -> date:
    return localdate(file.created_at)


def _meanings(*fields: str) -> dict[tuple[str, str], str]:
    rows: Iterable[tuple[str, str, str]] = ReferenceCode.objects.filter(field__in=fields).values_list(
        "field", "code", "meaning"
    )
    return {(field, code): meaning for field, code, meaning in rows}


def _said(meanings: dict[tuple[str, str], str], field: str, code: str) -> str:
    """A code in words; the code itself when the list does not have it."""
    meaning = meanings.get((field, code), code)
    return capfirst(meaning)
