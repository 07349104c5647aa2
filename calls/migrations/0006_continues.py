from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0005_erased"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="continues",
            field=models.ForeignKey(
                blank=True,
                help_text="The call that was cut off and that its visitor went on with in this one.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="continued_by",
                to="calls.call",
                verbose_name="continues",
            ),
        ),
    ]
