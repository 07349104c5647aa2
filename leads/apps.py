from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from calls.signals import call_finished, words_came_late
        from calls.tools import register
        from leads import groups
        from leads.extraction import want_extraction
        from leads.tool import save_details

        register("save_details", save_details)
        call_finished.connect(want_extraction)
        words_came_late.connect(want_extraction)
        pre_migrate.connect(groups.remember_permissions, sender=self)
        post_migrate.connect(groups.fill_groups, sender=self)
