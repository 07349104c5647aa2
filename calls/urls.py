"""Addresses of the pages that calls are made from."""

from __future__ import annotations

from django.urls import path

from calls import views

urlpatterns = [
    path("", views.visitor_page, name="visitor_home"),
    path("a/<slug:agent_id>", views.visitor_page, name="visitor_page"),
    path("embed/<slug:agent_id>", views.embedded_page, name="embedded_page"),
    path("try/<slug:agent_id>", views.trial_page, name="trial_page"),
]
