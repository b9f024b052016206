"""The addresses of importing files."""

from django.urls import path

from children.views import imports as views

app_name = "imports"
urlpatterns = [
    path("", views.import_list, name="list"),
    path("new/", views.upload, name="upload"),
    path("<uuid:run>/", views.detail, name="detail"),
    path("<uuid:run>/rows.csv", views.rows, name="rows"),
    path("<uuid:run>/confirm/", views.confirm, name="confirm"),
    path("<uuid:run>/discard/", views.discard, name="discard"),
]
