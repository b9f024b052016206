"""What accounts tell whoever stands above them. Sent inside the transaction of what happened; an error of a receiver undoes it."""

from django.dispatch import Signal

# A school's designated teachers or deputies changed, or will on a day. With ``organisation`` and ``event``, the audit row of the change.
teachers_changed = Signal()
