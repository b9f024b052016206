"""UPNs that two children share: told on both, never taken as a sign that they are one child."""

from collections import defaultdict
from collections.abc import Iterable

from children import upn
from children.models import Child

LONGEST = 13


def by_upn(upns: Iterable[str]) -> dict[str, list[Child]]:
    """The children who hold each of the numbers now; sealed records hold none."""
    found: dict[str, list[Child]] = defaultdict(list)
    for child in Child.objects.filter(upn__in={number for number in upns if number}, sealed=False):
        found[child.upn].append(child)
    return found


def problems(children: Iterable[Child]) -> dict[str, str]:
    """What is doubted of each child's number, by the council's id, given that these are all who could share one."""
    listed = list(children)
    holders: dict[str, list[Child]] = defaultdict(list)
    for child in listed:
        if child.upn:
            holders[child.upn].append(child)
    return {
        child.child_id: " ".join(filter(None, (upn.problem(child.upn), shared(child, holders[child.upn]))))
        for child in listed
    }


def shared(child: Child, holders: Iterable[Child]) -> str:
    """Who else holds the child's number; empty when nobody does."""
    others = sorted(other.child_id for other in holders if other.child_id != child.child_id)
    if not others:
        return ""
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return f"It is also the UPN of child {others[0]}{more}."
