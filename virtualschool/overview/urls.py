from django.urls import path

from virtualschool.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.home, name="home"),
    path("you/", views.you, name="you"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("more/", views.more, name="more"),
    path("help/", views.help_page, name="help"),
    path("children/", views.children_list, name="roll"),
    path("children/export.csv", views.roll_file, name="roll_file"),
    path("search/", views.search, name="search"),
    path("children/<uuid:child>/", views.child_detail, name="child"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/<slug:key>/", views.figure, name="figure"),
]
