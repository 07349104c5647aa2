from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = _("Calls")

    def ready(self) -> None:
        # Binds tasks to our Celery application, so that `delay_on_commit` works in every process.
        from vaani import celery  # noqa: F401
