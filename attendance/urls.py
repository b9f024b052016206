from django.urls import path

from attendance.views import arrangements, leave, marks, pictures, provision, timetables

app_name = "attendance"
urlpatterns = [
    path("", marks.rates, name="rates"),
    path("marks/", marks.marks, name="marks"),
    path("differences/", marks.disputes, name="disputes"),
    path("children/<str:span>/<str:figure>/", marks.children, name="list"),
    path("timetables/", timetables.register, name="timetables"),
    path("timetables/file/", timetables.register_file, name="timetables_file"),
    path("timetables/<uuid:timetable>/", timetables.detail, name="timetable"),
    path("timetables/<uuid:timetable>/answer/", timetables.answer, name="timetable_answer"),
    path("timetables/<uuid:timetable>/review/", timetables.review, name="timetable_review"),
    path("timetables/<uuid:timetable>/end/", timetables.end, name="timetable_end"),
    path("provision/", provision.register, name="provisions"),
    path("provision/file/", provision.register_file, name="provisions_file"),
    path("provision/<uuid:provision>/", provision.detail, name="provision"),
    path("provision/<uuid:provision>/check/", provision.check, name="provision_check"),
    path("provision/<uuid:provision>/review/", provision.review, name="provision_review"),
    path("provision/<uuid:provision>/end/", provision.end, name="provision_end"),
    path("leave/", leave.register, name="leaves"),
    path("leave/file/", leave.register_file, name="leaves_file"),
    path("leave/<uuid:leave>/", leave.detail, name="leave"),
    path("leave/<uuid:leave>/view/", leave.view, name="leave_view"),
    path("leave/<uuid:leave>/answer/", leave.answer, name="leave_answer"),
    path("leave/<uuid:leave>/decide/", leave.decide, name="leave_decide"),
    path("leave/<uuid:leave>/withdraw/", leave.withdraw, name="leave_withdraw"),
    path("<uuid:child>/", marks.child, name="child"),
    path("<uuid:child>/arrangements/", arrangements.of_child, name="arrangements"),
    path("<uuid:child>/timetables/add/", timetables.add, name="timetable_add"),
    path("<uuid:child>/provision/add/", provision.add, name="provision_add"),
    path("<uuid:child>/leave/ask/", leave.ask, name="leave_ask"),
    path("<uuid:child>/year/", pictures.year, name="year"),
]
