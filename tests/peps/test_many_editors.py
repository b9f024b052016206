"""Eight editors write in two hundred sections at once, each with pages that are fresh or long open: no word that was saved is lost.

Every one stands, or is set aside for its writer, or is in the history of the answer that took its place.
"""

import random
import threading
from dataclasses import dataclass

import pytest
from django.db import connection

from peps import layouts
from peps.actions import writing
from peps.actions.writing import NOTHING_SEEN, Seen, digest
from peps.enums import Owner, PepPhase, PepState
from peps.layouts import FieldType
from peps.models import PepAnswer, PepSection, PepSetAside
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.peps import PepFactory, PepSectionFactory
from tests.personas import cast
from virtualschool.accounts.models import User
from virtualschool.audit.models import Change

pytestmark = pytest.mark.django_db(transaction=True)
EDITORS, SECTIONS = 8, 200


@dataclass
class Editor:
    """Somebody who goes through sections in an order of their own; ``kept`` is every word that the service took."""

    user: User
    luck: random.Random
    sections: list[PepSection]
    kept: list[tuple[int, str]]

    def work(self, times: int) -> None:
        long_open = {section.pk: _seen(section) for section in self.sections}
        for turn in range(times):
            section = self.luck.choice(self.sections)
            seen = long_open[section.pk] if self.luck.random() < 0.5 else _seen(section)
            words = f"{self.user.name}, {turn}"
            field = self.luck.choice(_boxes(section))
            mark = {field: seen.get(field, NOTHING_SEEN)}
            writing.save_answers(section=section, answers={field: words}, seen=mark, by=self.user)
            self.kept.append((section.pk, words))


def _boxes(section: PepSection) -> list[str]:
    """Two boxes for words, so that editors meet in them."""
    spec = layouts.of_version(section.pep.layout).section(section.key)
    asked = spec.fields_for(section.pep.phase, section.pep.kind, section.pep.year_group)
    return [one.key for one in asked if one.type in (FieldType.TEXT, FieldType.LONG_TEXT)][:2]


def _seen(section: PepSection) -> dict[str, Seen]:
    """What a page opened now shows."""
    answers = PepAnswer.objects.filter(section=section)
    return {one.field: Seen(one.version, digest(one.value)) for one in answers}


def _sections() -> tuple[list[PepSection], list[User]]:
    people = cast()
    period, sections = people.amy.periods_of_care.get(), []
    while len(sections) < SECTIONS:
        pep = PepFactory(
            child=people.amy, period=period, school=people.school, state=PepState.PREPARING, phase=PepPhase.PRIMARY
        )
        for key in ("education_now", "attendance", "attainment", "additional_needs"):
            sections.append(PepSectionFactory(pep=pep, key=key, owner=Owner.DESIGNATED_TEACHER))
    users = [UserFactory(role="teacher", name=f"Editor {place}") for place in range(EDITORS)]
    for user in users:
        MembershipFactory(user=user, organisation=people.school.organisation)
    return sections, users


def write_together(times: int) -> None:
    sections, users = _sections()
    assert {len(_boxes(section)) for section in sections} <= {1, 2}
    luck = random.Random(7)
    hot = sections[:10]
    editors = [Editor(user, random.Random(place), sections + hot * 20, []) for place, user in enumerate(users)]
    faults: list[BaseException] = []

    def run(editor: Editor) -> None:
        try:
            editor.work(times)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    luck.shuffle(editors)
    threads = [threading.Thread(target=run, args=[editor]) for editor in editors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)
    assert faults == []
    _nothing_is_lost(editors, times)


def _nothing_is_lost(editors: list[Editor], times: int) -> None:
    saved = {one for editor in editors for one in editor.kept}
    assert len(saved) == EDITORS * times
    stands = set(PepAnswer.objects.values_list("section", "value"))
    aside = set(PepSetAside.objects.values_list("section", "value"))
    history = _history("peps_pepanswer", PepAnswer) | _history("peps_pepsetaside", PepSetAside)
    assert saved - stands - aside - history == set()
    assert all((stands & saved, aside & saved, history & saved))
    assert all(one.value.startswith(one.by.name) for one in PepSetAside.objects.select_related("by"))


def _history(table: str, model: type[PepAnswer] | type[PepSetAside]) -> set[tuple[int, str]]:
    """Words that stood once, with their section."""
    section_of = {str(pk): section for pk, section in model.objects.values_list("pk", "section")}
    rows = Change.objects.filter(table_name=table, old__has_key="value").values_list("row_id", "old__value")
    return {(section_of[str(row)], value) for row, value in rows}


def test_eight_editors_on_two_hundred_sections_lose_nothing() -> None:
    write_together(times=20)


@pytest.mark.prove
def test_eight_editors_who_go_on_for_long_lose_nothing() -> None:
    write_together(times=400)
