"""What is arranged for one child beside the full-time week at school: reduced timetables, alternative provision, leave."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attendance import arrangements
from attendance.models import AlternativeProvision, LeaveRequest, ReducedTimetable
from attendance.policies import leave as leave_policies
from attendance.policies import provision as provision_policies
from attendance.policies import timetables as timetable_policies
from attendance.policies.marks import can_read_child
from attendance.provision import standings as provisionchecks
from attendance.views import common, leave, provision, timetables
from children.models import Child
from virtualschool.accounts.models import User
from virtualschool.audit import access
from virtualschool.audit.pages import page
from virtualschool.kernel.dates import today
from virtualschool.kernel.formfields import long_date
from virtualschool.kernel.numbers import plain
from virtualschool.kernel.tables import Cell, Table, table


@page(can_read_child, child=Child)
def of_child(request: HttpRequest, child: Child) -> HttpResponse:
    """All of it, the latest first, with what the reader may add."""
    access.shown(request, child, fields=common.GROUPS)
    context = {
        "child": child,
        "tables": [make(child, request.user) for make in (_timetables, _provision, _leave)],
        "actions": _actions(child, request.user),
        "back": reverse("attendance:child", args=[child.uuid]),
    }
    return render(request, "attendance/arrangements.html", context)


def _timetables(child: Child, user: User) -> Table:
    rows, parties = ReducedTimetable.objects.visible_to(user).filter(child=child), arrangements.parties(today())
    drawn = [
        [
            Cell(f"{long_date(one.start)} to {long_date(one.end)}", href=one.get_absolute_url()),
            one.enrolment.school.name,
            f"{plain(one.hours)} of {plain(one.full_time_hours)}",
            Cell(tag=timetables.tag_of(one, parties)),
        ]
        for one in rows.with_agreement().select_related("enrolment__school")
    ]
    return table(
        "Reduced timetables",
        ["When", "School", "Hours a week", "State"],
        drawn,
        empty="No reduced timetable is recorded",
    )


def _provision(child: Child, user: User) -> Table:
    rows, asked = AlternativeProvision.objects.visible_to(user).filter(child=child), provisionchecks.rule(today()).value
    drawn = [
        [
            Cell(f"{long_date(one.start)} to {long_date(one.end) if one.end else 'open'}", href=one.get_absolute_url()),
            one.provider,
            plain(one.hours),
            Cell(tag=provision.tag_of(one, asked)),
        ]
        for one in rows.with_checks().select_related("school")
    ]
    return table(
        "Alternative provision",
        ["When", "Provider", "Hours a week", "State"],
        drawn,
        empty="No alternative provision is recorded",
    )


def _leave(child: Child, user: User) -> Table:
    drawn = [
        [
            Cell(long_date(one.start), href=one.get_absolute_url()),
            one.get_kind_display(),
            "" if one.school_days is None else str(one.school_days),
            Cell(tag=leave.tag_of(one)),
        ]
        for one in LeaveRequest.objects.visible_to(user).filter(child=child)
    ]
    return table(
        "Leave in term time",
        ["First day away", "For", "School days", "State"],
        drawn,
        empty="No leave was asked for",
    )


def _actions(child: Child, user: User) -> list[dict[str, Any]]:
    """The policies of the pages behind them."""
    offers = (
        (leave_policies.can_ask_for(user, child), "Ask for leave in term time", "attendance:leave_ask"),
        (timetable_policies.can_record_for(user, child), "Record a reduced timetable", "attendance:timetable_add"),
        (provision_policies.can_record_for(user, child), "Record alternative provision", "attendance:provision_add"),
    )
    return [
        {"text": text, "href": reverse(name, args=[child.uuid]), "kind": "secondary"}
        for allowed, text, name in offers
        if allowed
    ]
