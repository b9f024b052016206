"""Every factory makes a row that the database accepts, and the cast stands where it says."""

import inspect

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from children.models import Child
from tests import personas
from tests.factories import accounts, children

FACTORIES = [
    factory
    for module in (accounts, children)
    for _, factory in inspect.getmembers(module, inspect.isclass)
    if issubclass(factory, DjangoModelFactory) and factory is not DjangoModelFactory
]


@pytest.mark.django_db
@pytest.mark.parametrize("factory", sorted(set(FACTORIES), key=lambda factory: factory.__name__))
def test_each_factory_makes_a_row(factory):
    made = factory()
    assert type(made)._base_manager.filter(pk=made.pk).exists()


@pytest.mark.parametrize("app", ["children", "accounts"])
def test_every_model_has_a_factory(app):
    made = {factory._meta.get_model_class() for factory in FACTORIES}
    models = {model for model in apps.get_app_config(app).get_models() if not model._meta.auto_created}
    assert models - made == set()


@pytest.mark.django_db
def test_the_cast_reaches_whom_it_says():
    people = personas.cast()
    everybody = [*people.people.values(), *people.outsiders.values()]
    reached = {
        user.name: set(Child.objects.visible_to(user).values_list("first_names", flat=True)) for user in everybody
    }
    amys = {user.name for user in people.who_reach_amy}
    bobs = {user.name for user in people.who_reach_bob}
    expected = {
        user.name: {name for name, who in (("Amy", amys), ("Bob", bobs)) if user.name in who} for user in everybody
    }
    assert reached == expected
