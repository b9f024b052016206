"""The addresses of alerts, clocks and the search outside a team."""

from django.urls import path

from children.views import signs
from children.views import watch as views

app_name = "watch"
urlpatterns = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert>/", views.alert, name="alert"),
    path("signs/", signs.signs, name="signs"),
    path("signs/<slug:sign>/", signs.sign, name="sign"),
    path("clocks/<uuid:clock>/", views.clock, name="clock"),
    path("outside-team/", views.outside_team, name="outside_team"),
]
