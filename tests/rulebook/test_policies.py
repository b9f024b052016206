"""Who reads and who changes the rules."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from tests.factories.accounts import UserFactory
from tests.factories.rulebook import RuleFactory
from virtualschool.accounts.models import User
from virtualschool.accounts.roles import ROLES
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import ALLOW
from virtualschool.rulebook import policies, shipped
from virtualschool.rulebook.models import Rule

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(ROLES))
def test_everyone_reads_the_rules_and_one_role_changes_them(role: str) -> None:
    user = UserFactory(role=role)
    assert policies.can_read_rules(user) == ALLOW
    assert bool(policies.can_change_rules(user)) == (role == "vsh")
    assert Rule.objects.visible_to(user).count() == Rule.objects.count()


def test_somebody_who_has_left_reads_and_changes_nothing() -> None:
    left = UserFactory(role="vsh", is_active=False)
    assert [bool(policies.can_read_rules(left)), bool(policies.can_change_rules(left))] == [False, False]
    assert list(Rule.objects.visible_to(left)) == []
    assert list(Rule.objects.visible_to(AnonymousUser())) == []


def test_a_legal_minimum_is_nobodys_to_change_and_names_its_source(vsh: User, ala: User) -> None:
    minimum = shipped.definition("move.nominated_officer_years")
    verdict = policies.can_change_rule(vsh, minimum)
    assert (bool(verdict), verdict.reason) == (
        False,
        "This is a minimum set by law or by design. No council can change it.",
    )
    assert verdict.source.endswith("regulation 10")
    assert policies.can_change_rule(ala, minimum).reason == "Only the Virtual School Head changes rules and term dates."
    assert policies.can_change_rule(vsh, shipped.definition("pep.approval")) == ALLOW


def test_a_rule_that_nothing_asks_for_is_nobodys_to_change(vsh: User) -> None:
    verdict = policies.can_change_rule(vsh, shipped.definition("pep.forms_out"))
    assert verdict.reason.startswith("Not used yet: nothing in the system asks for this rule")


def test_what_may_be_withdrawn(vsh: User, ala: User) -> None:
    def change(on: date, **given: object) -> Rule:
        return RuleFactory(author=vsh, reason="Agreed", effective_from=on, **given)

    tomorrow, yesterday = date(2026, 11, 11), date(2026, 11, 9)
    assert policies.can_withdraw_change(vsh, change(tomorrow)) == ALLOW
    assert policies.can_withdraw_change(vsh, change(today())) == ALLOW
    reasons = [
        policies.can_withdraw_change(vsh, change(yesterday)).reason,
        policies.can_withdraw_change(vsh, change(tomorrow, withdrawn_at=timezone.now())).reason,
        policies.can_withdraw_change(vsh, Rule.objects.get(key="pep.per_term")).reason,
        policies.can_withdraw_change(ala, change(tomorrow)).reason,
    ]
    assert reasons == [
        "This value has been in force. What was decided under it stays under it: change it from a later day.",
        "This change was withdrawn already.",
        "This value came with the system. Change it instead.",
        "Only the Virtual School Head changes rules and term dates.",
    ]
