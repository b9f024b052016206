"""The service's addresses and the page of components, which production does not serve."""

from django.urls import include, path

from virtualschool import urls
from virtualschool.kernel.errors import handler400, handler403, handler404, handler500  # noqa: F401

urlpatterns = [path("styleguide/", include("virtualschool.overview.styleguide")), *urls.urlpatterns]
