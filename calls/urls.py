"""Addresses of the pages that calls are made from, and of the sockets of the admin's live pages."""

from __future__ import annotations

from django.urls import path

from calls import views
from calls.consumers import CallConsumer, NowConsumer

urlpatterns = [
    path("", views.visitor_page, name="visitor_home"),
    path("a/<slug:agent_id>", views.visitor_page, name="visitor_page"),
    path("embed/<slug:agent_id>", views.embedded_page, name="embedded_page"),
    path("texts/<str:edition>/<str:language>.json", views.page_texts, name="page_texts"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("try/<slug:agent_id>", views.trial_page, name="trial_page"),
]

sockets = [
    path("ws/admin/calls/now/", NowConsumer.as_asgi()),
    path("ws/admin/calls/<uuid:call_id>/", CallConsumer.as_asgi()),
]
