from django.urls import path

from virtualschool.rulebook import views

app_name = "rulebook"

urlpatterns = [
    path("", views.rule_list, name="list"),
    path("calendars/", views.calendars, name="calendars"),
    path("calendars/<int:year>/", views.change_terms, name="terms"),
    path("changes/<uuid:rule>/withdraw/", views.withdraw, name="withdraw"),
    path("<str:key>/", views.detail, name="detail"),
    path("<str:key>/change/", views.change, name="change"),
]
