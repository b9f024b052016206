"""The made-up authority at other times of the year, made twice, and by several processes at once."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import transaction

from attendance.models import AttendanceDay
from children.models import Alert, Child, Relationship
from peps.models import Pep, PepAnswer, PepMeeting, PepTarget
from peps.workflow import OPEN
from pupil_premium.models import Release
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import moment, standing_at
from virtualschool.overview.demo.build import build
from virtualschool.overview.homes import panels_for

TWELVE = 12
FACTS = {
    Child: ("child_id", "first_names", "last_name", "date_of_birth", "upn", "sealed"),
    Relationship: ("child__child_id", "kind", "start", "end", "user__email", "user__name", "team__name"),
    Pep: ("child__child_id", "kind", "opened_on", "state", "due_on", "grade", "completed_on", "school__urn"),
    PepMeeting: ("pep__child__child_id", "starts_at", "state", "next_meeting_on"),
    PepTarget: ("pep__child__child_id", "goal", "by_when", "outcome"),
    PepAnswer: ("section__pep__child__child_id", "section__key", "field", "value", "written_at", "written_by__email"),
    Release: ("child__child_id", "amount_pence", "state", "released_on", "cost__item"),
    Alert: ("child__child_id", "check_name", "opened_on", "evidence__sentence"),
    AttendanceDay: ("child__child_id", "date", "am", "pm"),
}


def digests() -> dict[str, str]:
    """A fingerprint of each kind of fact, without the keys that a database gives."""
    return {
        model.__name__: hashlib.sha256(repr(sorted(map(repr, model.objects.values_list(*fields)))).encode()).hexdigest()
        for model, fields in FACTS.items()
    }


@contextmanager
def made(on: date, *, seed: int = 1, children: int = TWELVE) -> Iterator[None]:
    """An authority that is gone afterwards."""
    with transaction.atomic():
        build(children=children, seed=seed, on=on, processes=1)
        with standing_at(moment(on, 10)):
            yield
        transaction.set_rollback(True)


def waiting() -> dict[str, int]:
    """How much waits for each role that signs in."""
    people = {role: User.objects.get(email=f"{role}@demo.example") for role in ROLES}
    return {role: sum(panel.count for panel in panels_for(user)) for role, user in people.items()}


@pytest.mark.django_db
def test_the_same_seed_and_date_make_the_same_and_another_seed_does_not():
    on = date(2026, 9, 4)
    with made(on):
        first, waits = digests(), waiting()
    with made(on):
        assert digests() == first
    with made(on, seed=2):
        assert [name for name, digest in digests().items() if digest == first[name]] == []
    assert all(waits.values()), waits


@pytest.mark.django_db
def test_in_the_summer_holidays_too_there_is_something_to_see():
    there_is_something_to_see(date(2026, 8, 14))


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("on", [date(2027, 1, 4), date(2027, 4, 2)])
def test_and_in_the_other_holidays(on):
    there_is_something_to_see(on)


def there_is_something_to_see(on):
    with made(on):
        assert all(waiting().values()), waiting()
        assert Pep.objects.filter(state__in=OPEN).exists()
        assert Child.objects.on_roll(on).count() == TWELVE
        assert not Pep.objects.filter(opened_on__gte=on + timedelta(days=1)).exists()


@pytest.mark.prove
@pytest.mark.django_db
@pytest.mark.parametrize("on", [date(2026, 11, 21), date(2026, 11, 24)])
def test_the_authority_that_is_made_by_default(on):
    """What only hundreds of children bring together: a PEP that follows its child while another has been opened, and the like."""
    with made(on, children=700):
        assert all(waiting().values()), waiting()


@pytest.mark.prove
@pytest.mark.django_db(transaction=True)
def test_two_processes_tell_what_one_would():
    on = date(2026, 11, 21)
    with made(on):
        alone = digests()
    build(children=TWELVE, seed=1, on=on, processes=2)
    assert digests() == alone
