"""What the rulebook tells whoever stands above it. Sent inside the transaction of what happened; an error of a receiver undoes it."""

from django.dispatch import Signal

# Terms were loaded or changed: a date that was not known may be now. Those that were worked out already stay.
calendars_changed = Signal()
