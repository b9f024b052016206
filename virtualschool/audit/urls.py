from django.urls import path

from virtualschool.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.access_log, name="access"),
    path("changes/", views.changes, name="changes"),
    path("events/", views.events, name="events"),
]
