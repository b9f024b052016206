from django.urls import path

from referrals.views import risk as views

app_name = "referrals"
urlpatterns = [
    path("", views.reports, name="list"),
    path("report/", views.which_child, name="which_child"),
    path("report/<uuid:child>/", views.which_place, name="report_for"),
    path("report/<uuid:child>/<str:at_risk>/", views.report, name="report"),
    path("<uuid:report>/reported/", views.reported, name="reported"),
    path("<uuid:report>/", views.detail, name="detail"),
    path("<uuid:report>/plan/", views.plan, name="plan"),
    path("<uuid:report>/close/", views.close, name="close"),
]
