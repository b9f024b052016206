"""What a child's leaving care does to the reports about them."""

from datetime import date
from typing import Any

from children.models import Child
from referrals.actions import sen
from referrals.actions.risk import close_for_leaver
from virtualschool.jobs.registry import consumer


@consumer("care.ended", name="referrals.close_for_leaver")
def close_reports(event: Any) -> None:
    """Close the open ones, unless the child is in care all the same (in a series of short breaks, or again)."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        close_for_leaver(child_id=event.data["child"], on=on)


@consumer("care.ended", name="referrals.close_sen_for_leaver")
def close_sen_matters(event: Any) -> None:
    """The SEN officers' reach ends with them."""
    on = date.fromisoformat(event.data["end"])
    if not Child.objects.on_roll(on).filter(pk=event.data["child"]).exists():
        sen.close_for_leaver(child_id=event.data["child"], on=on)
