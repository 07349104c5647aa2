from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from calls.signals import call_finished
        from calls.tools import register
        from leads import groups, services

        register("save_details", services.save_details)
        call_finished.connect(services.on_call_finished)
        pre_migrate.connect(groups.remember_permissions, sender=self)
        post_migrate.connect(groups.fill_groups, sender=self)
