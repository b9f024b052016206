"""Children on the roll whose UPN another child holds too."""

from collections.abc import Iterable
from datetime import date

from children import shared_upns
from children.checks.registry import Finding, check
from children.querysets import ChildQuerySet


@check(shared_upns.CHECK, words="UPN shared with another child", group=shared_upns.GROUP)
def duplicate_upn(*, on: date, children: ChildQuerySet) -> Iterable[Finding]:
    """Numbers have no dates: what is found is how they stand now."""
    for one in shared_upns.found(children):
        yield Finding(one.child.pk, one.natural_key, one.evidence)
