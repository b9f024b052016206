from django.urls import path

from peps.views import calendars, coach, detail, listing, meetings, papers, quality, sections, targets

app_name = "peps"

urlpatterns = [
    path("", listing.pep_list, name="list"),
    path("due/", listing.due_list, name="due"),
    path("blank/", papers.blank, name="blank"),
    path("open/<uuid:child>/", detail.open_by_hand, name="open"),
    path("<uuid:pep>/", detail.detail, name="detail"),
    path("<uuid:pep>/read/", detail.read, name="read"),
    path("<uuid:pep>/paper/", papers.paper, name="paper"),
    path("<uuid:pep>/cancel/", detail.cancel, name="cancel"),
    path("<uuid:pep>/schedule/", meetings.schedule, name="schedule"),
    path("<uuid:pep>/sections/add/", sections.add_section, name="add_section"),
    path("<uuid:pep>/targets/", targets.targets, name="targets"),
    path("<uuid:pep>/targets/add/", targets.target_add, name="target_add"),
    path("<uuid:pep>/submit/", quality.submit, name="submit"),
    path("<uuid:pep>/set-aside/", coach.set_aside, name="set_note_aside"),
    path("<uuid:pep>/quality/", quality.quality, name="quality"),
    path("<uuid:pep>/take-up/", quality.take_up, name="take_up"),
    path("<uuid:pep>/grade/", quality.grade, name="grade"),
    path("sections/<uuid:section>/", sections.section, name="section"),
    path("sections/<uuid:section>/write/", sections.write, name="write"),
    path("sections/<uuid:section>/complete/", sections.complete, name="complete"),
    path("sections/<uuid:section>/reopen/", sections.reopen, name="reopen"),
    path("sections/<uuid:section>/conflicts/", sections.conflicts, name="conflicts"),
    path("meetings/<uuid:meeting>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:meeting>/calendar.ics", calendars.calendar_file, name="calendar_file"),
    path("meetings/<uuid:meeting>/rearrange/", meetings.rearrange, name="rearrange"),
    path("meetings/<uuid:meeting>/hold/", meetings.hold, name="hold"),
    path("meetings/<uuid:meeting>/next/", meetings.book_next, name="book_next"),
    path("meetings/<uuid:meeting>/invite/", meetings.invite, name="invite"),
    path("invitations/<uuid:invitation>/answer/", meetings.answer, name="answer"),
    path("targets/<uuid:target>/edit/", targets.target_edit, name="target_edit"),
    path("targets/<uuid:target>/remove/", targets.target_remove, name="target_remove"),
    path("targets/<uuid:target>/review/", targets.target_review, name="target_review"),
    path("targets/<uuid:target>/costs/add/", targets.cost_add, name="cost_add"),
    path("costs/<uuid:cost>/remove/", targets.cost_remove, name="cost_remove"),
    path("costs/<uuid:cost>/exception/", targets.cost_exception, name="cost_exception"),
]
