"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from vaani.api import api
from vaani.health import health, live
from vaani.metrics import metrics

admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health", health),
    path("health/live", live),
    path("metrics", metrics),
    path("", include("calls.urls")),
]
