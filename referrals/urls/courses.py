"""Courses that young people take and schools teach: under /courses/."""

from django.urls import path

from referrals.views import courses as views
from referrals.views.course_match import match

app_name = "courses"
urlpatterns = [
    path("schools/<uuid:school>/", views.at_school, name="school"),
    path("schools/<uuid:school>/add/", views.add_at_school, name="school_add"),
    path("schools/<uuid:school>/whole/", views.whole, name="whole"),
    path("taught/<uuid:course>/", views.change_at_school, name="school_change"),
    path("taught/<uuid:course>/end/", views.end_at_school, name="school_end"),
    path("taken/<uuid:course>/", views.change, name="change"),
    path("taken/<uuid:course>/end/", views.end, name="end"),
    path("match/<uuid:move>/<uuid:school>/", match, name="match"),
    path("<uuid:child>/", views.of_child, name="child"),
    path("<uuid:child>/add/", views.add, name="add"),
]
