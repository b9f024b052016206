from django.urls import path

from attendance import views

app_name = "attendance"
urlpatterns = [
    path("", views.rates, name="rates"),
    path("marks/", views.marks, name="marks"),
    path("differences/", views.disputes, name="disputes"),
    path("children/<str:span>/<str:figure>/", views.children, name="list"),
    path("<uuid:child>/", views.child, name="child"),
]
