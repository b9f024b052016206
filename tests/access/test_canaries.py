"""What the matrix does not ask for: links with a query, every figure, searches, files, the logs themselves, and the sealed record.

The matrix looks for planted words in every page it gets; here it is done for the pages that are only found by following links.
"""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.db import connection
from django.urls import Resolver404, resolve, reverse

from tests.access import asking
from tests.access.asking import Answer, Browser
from tests.access.canaries import GUARDED, SEALED
from tests.access.declared import BY_CHILD, KINDS, TABLE, Case
from tests.access.objects import AMY, PERSONAS, SIDES, Persona, World
from virtualschool.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
SIGNED_IN = [name for name, persona in PERSONAS.items() if persona.signed_in and not name.startswith("other ")]
LINK = re.compile(r'(?:href|action)="(/[^"]*)"')
MOST, FAR = 90, 1000  # pages opened in one person's name, here and in `make prove`; calendars lead on without end


def starts(world: World, persona: Persona) -> Iterator[str]:
    """The pages from which people go on: home, each list, and each child's own page."""
    for name, cases in TABLE.items():
        for case in cases:
            if case.get is not None and persona.rights & case.get and not case.named and not case.words:
                yield reverse(name)
    for side in persona.sides:
        yield world.child(side).get_absolute_url()
        yield reverse("children:school", args=[world.record(side, "school").uuid])


def links(answer: Answer) -> Iterator[str]:
    """Links with a query, and lists that only a link names, such as a figure's."""
    for found in LINK.findall(answer.text):
        path, _, query = unescape(found).partition("#")[0].partition("?")
        if query or path.startswith(("/dashboard/", "/attendance/children/")):
            yield f"{path}?{query}" if query else path


def page_of(url: str) -> str:
    try:
        return resolve(url.partition("?")[0]).view_name
    except Resolver404:
        return url


@pytest.mark.parametrize("name", SIGNED_IN)
def test_no_page_that_a_link_leads_to_shows_what_its_reader_does_not_read(
    world: World, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    follow(world, name, caplog, MOST)


@pytest.mark.prove
@pytest.mark.parametrize("name", SIGNED_IN)
def test_nor_does_any_page_that_those_lead_to(world: World, name: str, caplog: pytest.LogCaptureFixture) -> None:
    follow(world, name, caplog, FAR)


def follow(world: World, name: str, caplog: pytest.LogCaptureFixture, most: int) -> None:
    """Open the pages that people begin at, then what their links lead to, and so on."""
    persona, browser = PERSONAS[name], Browser(world.users[name])
    found, ahead, seen = [], list(starts(world, persona)), set()
    while ahead and len(seen) < most:
        url = ahead.pop(0)
        if url in seen:
            continue
        seen.add(url)
        answer = browser.get(url)
        found += [f"{url}: {answer.status} {answer.broke}"] if answer.status not in (200, 302) else []
        found += world.leaks(persona, page_of(url), answer.text)
        found += [
            f"{url} has {one.word} in a link" for link in LINK.findall(answer.text) for one in world.nest.seen(link)
        ]
        ahead += [link for link in links(answer) if link not in seen]
    assert found == []
    assert world.nest.seen(caplog.text) == []


@pytest.mark.parametrize("name", SIGNED_IN)
def test_nothing_is_found_by_a_word_that_its_reader_does_not_read(world: World, name: str) -> None:
    """A search that finds a child by their carer's name tells where the carer's children are."""
    browser = Browser(world.users[name])
    asked = {one.group: one.word for one in world.nest.canaries if one.side == AMY and one.group in GUARDED}
    sealed = [one.word for one in world.nest.canaries if one.side == SEALED and one.group == "sealed"]
    found = []
    for word in [*asked.values(), *sealed, world.record(SEALED, "child").child_id]:
        for where, shown in (
            ("overview:search", ""),
            ("overview:roll", ""),
            ("peps:list", ""),
            ("overview:roll", "overview:roll_file"),
        ):
            answer = browser.search(reverse(where), reverse(shown) if shown else "", q=word)
            shown = [str(world.record(side, "child").uuid) for side in (*SIDES, SEALED)]
            shown += [world.child(side).child_id for side in SIDES]
            found += [f"{where} {word}: {one}" for one in shown if one in answer.text.replace(word, "")]
    assert found == []


def _address_of(key: str) -> tuple[str, Case]:
    """The first page that names a record of the kind."""
    return next(
        (name, case) for name, cases in TABLE.items() for case in cases if case.key == key and case.get is not None
    )


@pytest.mark.parametrize("name", SIGNED_IN)
def test_a_sealed_childs_records_are_not_there_for_anybody(world: World, name: str) -> None:
    """Also for those who knew the child well, and byte for byte as records that never were."""
    browser = Browser(world.users[name])
    found = []
    for key, record in world.records[SEALED].items():
        kind = KINDS[key]
        if kind.by != BY_CHILD or not any(
            case.key == key and case.get is not None for cases in TABLE.values() for case in cases
        ):
            continue
        address, case = _address_of(key)
        kwarg = next(iter(case.named))
        answer = browser.get(reverse(address, kwargs={kwarg: record.uuid} | case.words))
        missing = browser.get(reverse(address, kwargs={kwarg: "00000000-0000-4000-8000-000000000000"} | case.words))
        if answer.status != 404 or answer.alike != missing.alike:
            found.append(f"{address} {key}: {answer.status}")
    assert found == []


@pytest.mark.parametrize("name", ["vsh", "ala", "data"])
def test_the_books_name_no_sealed_child(world: World, name: str) -> None:
    """The money that was paid stays in the books; for whom it was does not."""
    entry = world.record(SEALED, "entry_release")
    answer = Browser(world.users[name]).get(entry.get_absolute_url())
    assert (answer.status, world.nest.seen(answer.text)) == (200, [])
    child = world.record(SEALED, "child")
    assert [one for one in (str(child.uuid), child.child_id) if one in answer.text] == []


def test_a_sealed_child_is_not_found_by_those_who_take_in_and_by_breaking_glass(world: World) -> None:
    child = world.record(SEALED, "child")
    born = {f"date_of_birth_{n}": part for n, part in enumerate(child.date_of_birth.strftime("%d %m %Y").split())}
    found = []
    for who, where, fields in (
        ("data", "children:new", {"child_id": child.child_id}),
        ("data", "children:new", {"last_name": child.last_name, **born}),
        ("manager", "watch:outside_team", {"number": child.child_id}),
        ("manager", "watch:outside_team", {"last_name": child.last_name, **born}),
    ):
        answer = Browser(world.users[who]).post(reverse(where), **fields)
        words = [child.first_names, child.known_as, str(child.uuid)]
        found += [
            f"{who} {where} {answer.status}: {word}" for word in words if word in answer.text or answer.status != 200
        ]
    assert found == []


def test_no_guarded_word_stands_in_what_is_written_down_of_people(world: World) -> None:
    """The logs say who did and saw what, never an address, a carer or a birth family."""
    for name in ("vsh", "ala", "socialworker", "coordinator", "teacher"):
        browser = Browser(world.users[name])
        for url in starts(world, PERSONAS[name]):
            browser.get(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '|') FROM audit_accesslog t")
        [written] = cursor.fetchone()
        cursor.execute("SELECT string_agg(t::text, '|') FROM audit_auditevent t")
        [events] = cursor.fetchone()
    assert AuditEvent.objects.exists()
    assert [one.word for one in world.nest.seen(written + events) if one.group in GUARDED] == []


def test_every_word_is_planted_where_somebody_who_may_reads_it(world: World) -> None:
    """A word that no page shows to anybody would prove nothing: most are seen by those who read them."""
    seen = set()
    for name in ("vsh", "ala", "socialworker", "data"):
        persona, browser = PERSONAS[name], Browser(world.users[name])
        for case_name, cases in TABLE.items():
            for case in cases:
                if case.get is None or not persona.rights & case.get or case.words:
                    continue
                ids = {kwarg: world.record(AMY, key).uuid for kwarg, key in case.named.items()}
                with asking.undone():
                    answer = browser.get(reverse(case_name, kwargs=ids))
                seen |= {one.word for one in world.nest.seen(answer.text)}
    never = {one.group for one in world.nest.canaries if one.side in ("", AMY) and one.word not in seen}
    shown = {one.group for one in world.nest.canaries if one.word in seen}
    assert shown >= {
        "education",
        "attendance",
        "pep",
        "voice",
        "health",
        "legal",
        "money",
        "narrative",
        "carer",
        "hosted",
    }
    assert never - shown == {"address", "return", "removed", "adoption_link"}
