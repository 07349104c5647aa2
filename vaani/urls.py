"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from vaani.api import api
from vaani.health import health, live

admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health", health),
    path("health/live", live),
    path("", include("calls.urls")),
]
