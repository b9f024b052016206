"""Who may do what in a PEP, and by which rule. When it may happen is ``workflow``.

Everybody here is a person whose own role reaches the child: somebody let in for a matter of another kind reads and does nothing.
"""

from peps.policies.answering import can_amend, can_grade, can_read_grade, can_submit
from peps.policies.meetings import (
    can_answer,
    can_book_next,
    can_change_action,
    can_count_as_held,
    can_hold,
    can_run,
    can_see_end,
    can_tick,
)
from peps.policies.planning import (
    can_cancel,
    can_chase,
    can_open,
    can_plan,
    can_rearrange,
    can_schedule,
    can_take_away,
    can_take_chase_away,
)
from peps.policies.reach import (
    ARRANGING,
    AT_THE_MEETING,
    CONTENT,
    GUIDANCE,
    ROLES,
    SEPARATION,
    Standing,
    reaches,
    standing,
    was_given,
)
from peps.policies.reading import (
    can_list,
    can_name,
    can_read,
    can_read_section,
    can_take_by_name,
    fields_in,
    readable_fields,
)
from peps.policies.targets import (
    AGREED,
    can_agree_exception,
    can_change_cost,
    can_change_target,
    can_keep_targets,
    can_remove_target,
    can_review_target,
    reviewed_in,
)
from peps.policies.writing import (
    ACT_OF_OWNER,
    WITH_ROWS,
    can_add_section,
    can_complete_section,
    can_delegate,
    can_reopen_section,
    can_withdraw,
    can_write_section,
)

__all__ = [
    "ACT_OF_OWNER",
    "AGREED",
    "ARRANGING",
    "AT_THE_MEETING",
    "CONTENT",
    "GUIDANCE",
    "ROLES",
    "SEPARATION",
    "Standing",
    "WITH_ROWS",
    "can_add_section",
    "can_agree_exception",
    "can_amend",
    "can_answer",
    "can_book_next",
    "can_cancel",
    "can_change_action",
    "can_change_cost",
    "can_change_target",
    "can_chase",
    "can_complete_section",
    "can_count_as_held",
    "can_delegate",
    "can_grade",
    "can_hold",
    "can_keep_targets",
    "can_list",
    "can_name",
    "can_open",
    "can_plan",
    "can_read",
    "can_read_grade",
    "can_read_section",
    "can_rearrange",
    "can_remove_target",
    "can_reopen_section",
    "can_review_target",
    "can_run",
    "can_schedule",
    "can_see_end",
    "can_submit",
    "can_take_away",
    "can_take_by_name",
    "can_take_chase_away",
    "can_tick",
    "can_withdraw",
    "can_write_section",
    "fields_in",
    "reaches",
    "readable_fields",
    "reviewed_in",
    "standing",
    "was_given",
]

# A page is listed by the name under which its policy is asked for (``manage.py list_urls``).
for _policy in (one for name, one in list(globals().items()) if name.startswith("can_")):
    _policy.__module__ = __name__
