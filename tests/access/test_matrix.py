"""Everybody asks every address for their own child's records, another's, and some that do not exist: 0 leaks, 0 wrong denials."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.access import asking
from tests.access.asking import Answer, Browser
from tests.access.declared import (
    ADMINISTRATOR,
    ALWAYS,
    BY_CHILD,
    LIBRARY,
    LIBRARY_WORDS,
    OWN_ACCOUNT,
    OWN_SCHOOL,
    PUBLIC,
    PUBLIC_WORDS,
    TABLE,
    TEACHER,
    Case,
)
from tests.access.objects import AMY, BOB, PERSONAS, SIDES, Persona, World
from virtualschool.audit.models import AccessLog

pytestmark = pytest.mark.django_db

MISSING = "missing"
SENT = (200, 302, 400, 409)  # done, asked again, or told that it cannot be done now


@dataclass(frozen=True)
class Cell:
    """One address with one record: whose, or one that does not exist."""

    name: str
    case: Case
    side: str

    def __str__(self) -> str:
        return f"{self.name} {self.case.key} {self.side}".strip()

    def url(self, world: World) -> str:
        ids = {
            kwarg: uuid4() if self.side == MISSING else world.record(self.side, key).uuid
            for kwarg, key in self.case.named.items()
        }
        return reverse(self.name, kwargs=ids | self.case.words)


def cells() -> Iterator[Cell]:
    """Every address with Amy's record, with Bob's and, once for each kind of record, with one that does not exist."""
    for name, cases in TABLE.items():
        models = set()
        for case in cases:
            for side in SIDES if case.named else ("",):
                yield Cell(name, case, side)
            if case.kind and case.kind.known_to not in models:
                models.add(case.kind.known_to)
                yield Cell(name, case, MISSING)


def asked_by(persona: Persona) -> list[Cell]:
    """What the quick matrix asks.

    Whoever stands to all children alike asks for Amy's records and not for Bob's; whoever stands to Bob as another of the cast
    stands to Amy asks for hers. `make prove` asks for everything.
    """
    every = list(cells())
    if persona.name.startswith("other "):
        return [cell for cell in every if cell.side == AMY and cell.case.kind and cell.case.kind.by == BY_CHILD]
    return [cell for cell in every if cell.side != BOB] if len(persona.sides) != 1 else every


def one_for_each_view(asked: list[Cell]) -> list[Cell]:
    """For what is decided before any record is looked for."""
    return list({cell.name: cell for cell in reversed(asked)}.values())


def knows(persona: Persona, cell: Cell) -> bool:
    """Whether this person may know that the record is there."""
    kind = cell.case.kind
    if cell.side == MISSING:
        return False
    if kind is None:
        return True
    if not persona.rights & kind.known_to:
        return False
    if kind.by == BY_CHILD:
        return cell.side in persona.sides
    if kind.by == OWN_SCHOOL:
        return persona.role != TEACHER or cell.side in persona.sides
    if kind.by == OWN_ACCOUNT:
        return persona.administrator or cell.side in persona.sides
    return kind.by == ALWAYS


def expected(persona: Persona, cell: Cell, method: str) -> tuple[int, ...]:
    """The answers that are right."""
    if not persona.signed_in:
        return (302,)
    may = cell.case.get if method == "GET" else cell.case.post
    if may is None:
        return (405,)
    if not knows(persona, cell):
        return (404,)
    if not persona.rights & may:
        return (403,)
    return cell.case.opens if method == "GET" else SENT


@cache
def _login() -> str:
    return reverse("account_login")


def browser_of(world: World, persona: Persona) -> Browser:
    """Signed in; a closed account was signed in before it was closed."""
    browser = Browser(world.users.get(persona.name))
    if persona.name in world.users and not persona.signed_in:
        user = world.users[persona.name]
        type(user).objects.filter(pk=user.pk).update(is_active=False)
    return browser


def report(found: list[str]) -> str:
    """As many as can be read."""
    return "\n".join([f"{len(found)} cells are not as declared", *found[:200]])


def wrong(cell: Cell, method: str, right: tuple[int, ...], answer: Answer) -> list[str]:
    """What is not as declared, in words."""
    found = [f"{method} {cell}: {answer.status}, not {right} {answer.broke}"] if answer.status not in right else []
    if answer.status != 500:
        found += [f"{method} {cell}: {fault}" for fault in answer.faults]
    if right == (302,) and answer.status == 302 and urlsplit(answer.headers["Location"]).path != _login():
        found.append(f"{method} {cell}: sent to {answer.headers['Location']}")
    return found


@pytest.mark.parametrize("name", PERSONAS)
def test_everybody_gets_what_is_declared_and_looking_changes_nothing(world: World, name: str) -> None:
    look(world, PERSONAS[name], asked_by(PERSONAS[name]))


@pytest.mark.parametrize("name", PERSONAS)
def test_everybody_may_send_what_is_declared_and_a_refusal_changes_nothing(world: World, name: str) -> None:
    send(world, PERSONAS[name], asked_by(PERSONAS[name]))


@pytest.mark.prove
@pytest.mark.parametrize("name", PERSONAS)
def test_the_rest_of_the_matrix(world: World, name: str) -> None:
    persona = PERSONAS[name]
    quick = asked_by(persona)
    rest = [cell for cell in cells() if cell not in quick]
    look(world, persona, rest)
    send(world, persona, rest)


def look(world: World, persona: Persona, asked: list[Cell]) -> None:
    """Ask for pages: the answers, their headers, their words, the log; and nothing is written but the log."""
    browser, log = browser_of(world, persona), asking.Log()
    before = asking.contents()
    found: list[str] = []
    answers: list[tuple[Cell, Answer]] = []
    hidden: dict[tuple[str, str], list[Answer]] = {}
    for cell in asked:
        answer = browser.get(cell.url(world))
        found += wrong(cell, "GET", expected(persona, cell, "GET"), answer)
        found += [f"GET {cell}: {leak}" for leak in world.leaks(persona, cell.name, answer.text)]
        answers.append((cell, answer))
        if answer.status == 404 and persona.signed_in:
            hidden.setdefault((cell.name, cell.case.key), []).append(answer)
    found += _logged_wrongly(world, persona, "GET", answers, log)
    found += [
        f"{where}: hidden and missing differ"
        for where, those in hidden.items()
        if len({one.alike for one in those}) > 1
    ]
    assert not found, report(found)
    assert set(asking.changed(before)) <= {"audit_auditevent"}  # an export is written down as done


def send(world: World, persona: Persona, asked: list[Cell]) -> None:
    """Send forms: what is refused is left standing and must have changed nothing; what is done is taken back."""
    browser, log = browser_of(world, persona), asking.Log()
    before = asking.contents()
    found: list[str] = []
    answers: list[tuple[Cell, Answer]] = []
    may: list[Cell] = []
    for cell in asked:
        if expected(persona, cell, "POST") == SENT:
            may.append(cell)
            continue
        answer = browser.post(cell.url(world), **cell.case.sends)
        found += wrong(cell, "POST", expected(persona, cell, "POST"), answer)
        answers.append((cell, answer))
    found += _logged_wrongly(world, persona, "POST", answers, log)
    unchanged = asking.changed(before)
    for cell in may:
        with asking.undone():
            answer = browser.post(cell.url(world), **cell.case.sends)
            found += wrong(cell, "POST", SENT, answer)
            found += [f"POST {cell}: {leak}" for leak in world.leaks(persona, cell.name, answer.text)]
    assert not found, report(found)
    assert unchanged == []


def _logged_wrongly(
    world: World, persona: Persona, method: str, answers: list[tuple[Cell, Answer]], log: asking.Log
) -> list[str]:
    """Each answer's rows of the log, which is read once for all of them; and no row is there that belongs to none."""
    rows = log.by_request()
    found = [
        fault
        for cell, answer in answers
        for fault in _row_is_wrong(world, persona, cell, method, answer, rows.pop(answer.request_id, []))
    ]
    return found + [f"{method}: {len(those)} log rows of no answer" for those in rows.values()]


def _row_is_wrong(
    world: World, persona: Persona, cell: Cell, method: str, answer: Answer, rows: list[AccessLog]
) -> list[str]:
    """Whoever saw a child, or was refused, stands in the access log once, with the child that the address names."""
    if answer.status not in (200, 403, 404) or not persona.signed_in:
        return [] if not rows or answer.status == 302 else [f"{method} {cell}: {answer.status} is logged"]
    if len(rows) != 1:
        return [f"{method} {cell}: {len(rows)} log rows"]
    row, user = rows[0], world.users[persona.name]
    found = []
    if (row.user_id, row.status, row.route, row.method) != (str(user.pk), answer.status, cell.name, method):
        found.append(f"{method} {cell}: logged as {row.user_id} {row.status} {row.route} {row.method}")
    if answer.status == 404 and row.child_ids:
        found.append(f"{method} {cell}: a child is logged as shown who was not")
    kind = cell.case.kind
    of_a_child = kind is not None and kind.by == BY_CHILD
    if answer.status == 200 and of_a_child and row.child_ids != [world.child(cell.side).pk]:
        found.append(f"{method} {cell}: logged children {row.child_ids}")
    return found


def test_lists_log_every_child_they_show_and_no_other(world: World) -> None:
    found = []
    for persona in PERSONAS.values():
        if not persona.signed_in:
            continue
        browser = Browser(world.users[persona.name])
        reached = {world.child(side).pk for side in persona.sides}
        for name in ("overview:roll", "overview:roll_file", "watch:alerts", "peps:list", "peps:due", "referrals:list"):
            log = asking.Log()
            if browser.get(reverse(name)).status != 200:
                continue
            [row] = log.new()
            if (logged := set(row.child_ids)) != reached:
                found.append(f"{persona.name} {name}: {logged} logged, {reached} shown")
    assert not found, report(found)


def test_a_form_without_its_token_is_refused_everywhere(world: World) -> None:
    browser = Browser(world.users["vsh"])
    found = [
        str(cell)
        for cell in one_for_each_view([cell for cell in asked_by(PERSONAS["vsh"]) if cell.case.post is not None])
        if browser.post_without_token(cell.url(world)).status != 403
    ]
    assert not found, report(found)


def test_head_answers_as_get_without_a_body_and_other_methods_are_refused(world: World) -> None:
    persona = PERSONAS["vsh"]
    browser = browser_of(world, persona)
    found = []
    for cell in one_for_each_view(asked_by(persona)):
        right = expected(persona, cell, "GET")
        answer = browser.head(cell.url(world))
        if answer.status not in right or answer.body:
            found.append(f"HEAD {cell}: {answer.status} with {len(answer.body)} bytes")
        if (status := browser.options(cell.url(world)).status) != 405:
            found.append(f"OPTIONS {cell}: {status}")
    assert not found, report(found)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"])
def test_a_method_that_no_form_has_is_refused(world: World, method: str) -> None:
    browser = Browser(world.users["vsh"])
    found = []
    for cell in one_for_each_view(asked_by(PERSONAS["vsh"])):
        response = browser.client.generic(method, cell.url(world), headers={"x-csrftoken": browser.token})
        if response.status_code != 405:
            found.append(f"{cell}: {response.status_code}")
    assert not found, report(found)


@pytest.mark.parametrize(("name", "status"), PUBLIC.items())
def test_a_public_page_is_the_same_for_whoever_comes_by(world: World, name: str, status: int) -> None:
    stranger, head = Browser(), Browser(world.users["vsh"])
    url = reverse(name, kwargs=PUBLIC_WORDS.get(name))
    assert [stranger.get(url).status, head.get(url).status] == [status, status]
    assert stranger.get(url).faults == []
    shown = stranger.get(url).text
    people = [world.people.amy.child_id, world.people.bob.child_id, *(user.name for user in world.users.values())]
    assert [one for one in people if one in shown] == []


@pytest.mark.parametrize(("name", "statuses"), LIBRARY.items())
def test_the_sign_in_librarys_pages(world: World, name: str, statuses: tuple[int, int]) -> None:
    try:
        url = reverse(name, kwargs=LIBRARY_WORDS.get(name))
    except Exception:
        pytest.fail(f"{name} is no address")
    answers = [Browser().get(url), Browser(world.users["socialworker"]).get(url)]
    assert tuple(answer.status for answer in answers) == statuses
    assert [answer.faults for answer in answers] == [[], []]


def test_the_matrix_is_as_large_as_it_says(world: World) -> None:
    """A fixture that lost a record would make the matrix quietly smaller."""
    assert len(PERSONAS) == 22
    named = {key for cases in TABLE.values() for case in cases for key in case.named.values()}
    assert [key for side in SIDES for key in sorted(named) if key not in world.records[side]] == []
    assert ADMINISTRATOR in PERSONAS["administrator"].rights
