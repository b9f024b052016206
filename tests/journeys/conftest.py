"""Desks for the people of a journey, and a child new to care whose PEP has just opened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from children.actions import care, schools
from children.actions.care import ChildFacts, PlacementFacts
from children.enums import RelationKind
from children.models import Child, School
from peps.models import Pep
from tests import personas
from tests.factories.accounts import MembershipFactory
from tests.factories.children import RelationshipFactory, SchoolFactory, born_for_year
from tests.factories.jobs import NightShardFactory
from tests.factories.pupil_premium import GrantYearFactory
from tests.frontend.looking import Watcher
from tests.journeys.walking import PASSWORD, Desk, said
from virtualschool.accounts.models import Membership, User
from virtualschool.kernel.dates import today

SitDown = Callable[..., Desk]


@dataclass
class Cast:
    """Amy Madeup of Year 5, in care for two days, at Ash School; and everybody who works with her."""

    amy: Child
    school: School
    coordinator: User
    socialworker: User
    teacher: User
    advocate: User
    other_advocate: User
    head: User
    reviewer: User
    other_teacher: User

    @property
    def pep(self) -> Pep:
        return Pep.objects.select_related("clock").get(child=self.amy)


@pytest.fixture
def desk(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> Iterator[SitDown]:
    """Sits somebody down at a browser of their own, signed in. At the end no browser's console may have said anything."""
    desks: list[Desk] = []

    def sit_down(user: User, **options: Any) -> Desk:
        page = new_context(base_url=live_server.url, **options).new_page()
        desks.append(Desk(user, page, Watcher(page)))
        desks[-1].sign_in()
        return desks[-1]

    yield sit_down
    assert {one.user.name: said(one) for one in desks if said(one)} == {}


def person(role: str, **fields: Any) -> User:
    """Somebody who can sign in."""
    return personas.person(role, password=make_password(PASSWORD), **fields)


@pytest.fixture
def start() -> date:
    """The day on which Amy came into care."""
    return today() - timedelta(days=2)


@pytest.fixture
def cast(live_server: LiveServer, start: date) -> Cast:
    GrantYearFactory(pence=100_000_00)
    NightShardFactory(done=True)
    school, elsewhere = SchoolFactory(name="Ash School"), SchoolFactory(name="Birch School")
    period = care.enter_care(
        start=start,
        legal_status="C2",
        need="N1",
        placement=PlacementFacts(placement_type="U6", provider="PR4", carer_name="Carer Secretname"),
        facts=ChildFacts(
            child_id="C000101", first_names="Amy", last_name="Madeup", date_of_birth=born_for_year(5), sex="F"
        ),
        by=None,
    )
    schools.enrol(child=period.child, school=school, start=start, by=None)
    people = Cast(
        amy=period.child,
        school=school,
        coordinator=person("coordinator"),
        socialworker=person("socialworker"),
        teacher=person("teacher"),
        advocate=person("ala"),
        other_advocate=person("ala", name="Wendy Writer"),
        head=person("vsh"),
        reviewer=person("iro"),
        other_teacher=person("teacher", name="Tom Elsewhere"),
    )
    ties = {
        RelationKind.COORDINATOR: people.coordinator,
        RelationKind.SOCIAL_WORKER: people.socialworker,
        RelationKind.ADVOCATE: people.advocate,
        RelationKind.IRO: people.reviewer,
    }
    for kind, user in ties.items():
        RelationshipFactory(child=people.amy, kind=kind, user=user, start=start)
    for user, place in ((people.teacher, school), (people.other_teacher, elsewhere)):
        MembershipFactory(user=user, organisation=place.organisation, position=Membership.Position.DESIGNATED_TEACHER)
    return people
