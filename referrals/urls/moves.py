"""Addresses of school moves."""

from django.urls import path

from referrals.views import moves as views

app_name = "moves"
urlpatterns = [
    path("", views.moves, name="list"),
    path("officers/", views.officers, name="officers"),
    path("officers/<uuid:officer>/end/", views.officer_end, name="officer_end"),
    path("open/<uuid:child>/", views.open_, name="open"),
    path("asked/<uuid:view>/", views.view_of, name="view_of"),
    path("<uuid:move>/", views.detail, name="detail"),
    path("<uuid:move>/change/", views.edit, name="edit"),
    path("<uuid:move>/keep/", views.keep, name="keep"),
    path("<uuid:move>/schools/", views.school, name="school"),
    path("<uuid:move>/propose/", views.propose, name="propose"),
    path("<uuid:move>/exception/<str:stop>/", views.exception, name="exception"),
    path("<uuid:move>/decide/", views.decide, name="decide"),
    path("<uuid:move>/emergency/", views.act, name="act"),
    path("<uuid:move>/account/", views.account, name="account"),
    path("<uuid:move>/on-roll/", views.on_roll, name="on_roll"),
    path("<uuid:move>/complete/", views.complete, name="complete"),
    path("<uuid:move>/take-back/", views.revise, name="revise"),
    path("<uuid:move>/withdraw/", views.withdraw, name="withdraw"),
]
