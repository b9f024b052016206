"""Pupil Premium Plus is asked for in the years that the grant is for, and refused in the others by its rule."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from children.models import Child
from peps.actions import quality, targets
from peps.models import PepCost, PepTarget
from peps.policies_premium import AFTER, BEFORE, is_in_its_years
from tests.peps import stages
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Refused
from virtualschool.rulebook import rules

pytestmark = pytest.mark.django_db
NURSERY, YEAR_12 = date(2022, 12, 1), date(2009, 12, 1)


def test_the_years_of_the_grant_are_the_rules():
    born = {"nursery": NURSERY, "reception": date(2022, 3, 1), "year 11": date(2011, 3, 1), "year 12": YEAR_12}
    found = {
        name: is_in_its_years(SimpleNamespace(child=SimpleNamespace(date_of_birth=on), opened_on=date(2026, 10, 1)))
        for name, on in born.items()
    }
    assert {name: bool(one) for name, one in found.items()} == {
        "nursery": False,
        "reception": True,
        "year 11": True,
        "year 12": False,
    }
    assert [BEFORE in found["nursery"].reason, AFTER in found["year 12"].reason] == [True, True]
    assert {found[name].source for name in ("nursery", "year 12")} == {rules.get("pp.years", on=today()).source}


@pytest.mark.parametrize(("born", "instead"), [(NURSERY, BEFORE), (YEAR_12, AFTER)])
def test_by_no_way_is_a_line_taken_or_agreed(born, instead):
    """Asked on the page and by the action; one that is stored already is explained, takes no exception and is not agreed."""
    story = stages.submitted()
    Child.objects.filter(pk=story.pep.child_id).update(date_of_birth=born)
    story.again()
    client = Client()
    client.force_login(story.people.teacher)
    page = client.get(reverse("peps:targets", args=[story.pep.uuid])).content.decode()
    assert (instead in page, "is not paid from it" in page, "Ask for Pupil Premium Plus" in page) == (True, True, False)
    with pytest.raises(Refused, match="This grant is for Reception to Year 11"):
        stages.approve(story)
    PepCost.objects.update(excluded_as="food", exception_reason="x")
    story.cost.refresh_from_db()
    with pytest.raises(Refused, match="This grant is for"):
        targets.agree_exception(cost=story.cost, by=story.people.vsh)
    client.force_login(story.people.ala)
    assert not client.get(reverse("peps:quality", args=[story.pep.uuid])).context["form"].costs
    quality.return_pep(
        pep=story.pep,
        submission=story.pep.submission,
        grading=stages.grading(story.pep, "amber", reason="The target needs a number"),
        sections=("targets",),
        by=story.people.ala,
    )
    story.again()
    with pytest.raises(Refused, match="This grant is for"):
        targets.add_cost(target=PepTarget.objects.get(), facts=stages.COST, by=story.people.teacher)
    client.force_login(story.people.teacher)
    asked = client.post(reverse("peps:cost_add", args=[story.target.uuid]), {"item": "x"})
    assert (asked.status_code, instead in asked.content.decode()) == (403, True)
    assert PepCost.objects.get().agreed is None
