"""The secrets of endpoints, sealed with `SECRET_KEY`: a copy of the database alone no longer gives them away."""

from django.db import migrations, models

import leads.models.deliveries
from vaani.sealing import seal, unseal


def _change(apps, change):
    Endpoint = apps.get_model("leads", "Endpoint")
    for endpoint in Endpoint.objects.all():
        endpoint.sealed_secret = change(endpoint.sealed_secret)
        endpoint.sealed_header_value = change(endpoint.sealed_header_value)
        endpoint.save(update_fields=["sealed_secret", "sealed_header_value"])


def seal_all(apps, schema_editor):
    _change(apps, seal)


def unseal_all(apps, schema_editor):
    _change(apps, unseal)


class Migration(migrations.Migration):

    dependencies = [
        ("leads", "0007_erasures"),
    ]

    operations = [
        migrations.RenameField("Endpoint", "secret", "sealed_secret"),
        migrations.RenameField("Endpoint", "header_value", "sealed_header_value"),
        migrations.AlterField(
            "Endpoint",
            "sealed_secret",
            models.TextField(default=leads.models.deliveries.new_sealed_secret, editable=False),
        ),
        migrations.AlterField("Endpoint", "sealed_header_value", models.TextField(blank=True, editable=False)),
        migrations.RunPython(seal_all, unseal_all),
    ]
