"""Matters of the SEN team, at /sen/."""

from django.urls import path

from referrals.views import sen as views
from referrals.views import sen_lists as lists

app_name = "sen"
urlpatterns = [
    path("", lists.matters, name="matters"),
    path("transfers/", lists.transfers, name="transfers"),
    path("child/<uuid:child>/", lists.of_child, name="of_child"),
    path("child/<uuid:child>/open/", views.open_matter, name="open"),
    path("<uuid:matter>/", views.matter, name="matter"),
    path("<uuid:matter>/consult/", views.consult, name="consult"),
    path("<uuid:matter>/<str:event>/", views.step, name="step"),
]
