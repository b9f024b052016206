from django.urls import path

from attendance.views import arrangements, marks, timetables

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
    path("<uuid:child>/", marks.child, name="child"),
    path("<uuid:child>/arrangements/", arrangements.of_child, name="arrangements"),
    path("<uuid:child>/timetables/add/", timetables.add, name="timetable_add"),
]
