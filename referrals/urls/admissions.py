"""Applications for school places: under /admissions/."""

from django.urls import path

from referrals.views import admissions as views

app_name = "admissions"
urlpatterns = [
    path("", views.applications, name="list"),
    path("apply/<uuid:child>/", views.apply, name="apply"),
    path("apply/move/<uuid:move>/", views.apply_for_move, name="apply_for_move"),
    path("<uuid:application>/", views.detail, name="detail"),
    path("<uuid:application>/put-right/", views.put_right, name="put_right"),
    path("<uuid:application>/step/<str:event>/", views.step, name="step"),
]
