from django.urls import path

from virtualschool.jobs import views

app_name = "jobs"
urlpatterns = [
    path("health/", views.health, name="health"),
    path("nights/", views.nights_page, name="nights"),
]
