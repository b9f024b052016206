"""The ask that follows an unexplained absence: an alert of the day and a mail, the moment the mark arrives; closed once it is explained.

The alert is the night's own (``attendance.checks.unexplained``), brought in step at once for the children of a page or a feed.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from attendance.codes import CODES
from attendance.marking import Row
from attendance.notifications import unexplained as notifications
from children.checks import engine
from children.checks.registry import CHECKS
from children.models import Alert
from virtualschool.kernel.dates import today

ASKED = "attendance.unexplained_day"
RECENT = timedelta(days=60)  # more than the check ever looks back
UNEXPLAINED = {code.code for code in CODES.values() if code.unexplained}


@transaction.atomic
def follow(rows: Iterable[Row]) -> None:
    """Ask about what these marks leave unexplained, and close the asks that they explain. One statement when there is nothing to do.

    Args:
        rows: as ``record_marks`` has just taken them in.
    """
    first, touched, absent = today() - RECENT, set(), set()
    for child_id, on, *codes in rows:
        if first <= on <= today():
            touched.add(child_id)
            if UNEXPLAINED.intersection(codes):
                absent.add(child_id)
    waiting = Alert.objects.open().filter(check_name=ASKED).values_list("child_id", flat=True)
    children = absent | touched.intersection(waiting)
    if children:
        engine.run_for(CHECKS[ASKED], today(), children)
        opened = Alert.objects.open().filter(check_name=ASKED, child__in=children, opened_on=today())
        notifications.ask(opened.order_by("pk"))
