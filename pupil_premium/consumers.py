"""What the approval of a PEP does to the books."""

from typing import Any

from peps.models import Pep
from pupil_premium.actions import make_releasable
from virtualschool.accounts.models import User
from virtualschool.jobs.registry import consumer


@consumer("pep.approved", name="pupil_premium.release")
def release_lines(event: Any) -> None:
    """Its agreed lines become releasable, each once, and are released at once where the rule says so."""
    pep = Pep.objects.select_related("child", "school").get(pk=event.data["pep"])
    by = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    make_releasable(pep=pep, by=by)
