from django.urls import path

from attendance.views import marks

app_name = "attendance"
urlpatterns = [
    path("", marks.rates, name="rates"),
    path("marks/", marks.marks, name="marks"),
    path("differences/", marks.disputes, name="disputes"),
    path("children/<str:span>/<str:figure>/", marks.children, name="list"),
    path("<uuid:child>/", marks.child, name="child"),
]
