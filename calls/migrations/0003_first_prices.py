"""Prices as published, for operators to correct. Dollars are taken as 85 rupees each."""

from datetime import date
from decimal import Decimal

from django.db import migrations

SINCE = date(2026, 1, 1)
SARVAM = "Sarvam's price list, docs.sarvam.ai, 20 September 2026"
SARVAM_BEFORE = "Sarvam's earlier price list; no longer listed on 20 September 2026"
GROQ = "groq.com/pricing, 2026, at ₹85 a dollar"
OPENAI = "OpenAI's price list, 5 November 2026, at ₹85 a dollar"

PRICES = [
    ("saaras:v3", "stt_seconds", "30", SARVAM),
    ("bulbul:v3", "tts_characters", "30", SARVAM),
    ("bulbul:v2", "tts_characters", "15", SARVAM_BEFORE),
    ("openai/gpt-oss-120b", "llm_input", "12.75", GROQ),
    ("openai/gpt-oss-120b", "llm_output", "51", GROQ),
    ("gpt-4o-mini", "llm_input", "12.75", OPENAI),
    ("gpt-4o-mini", "llm_cached_input", "6.38", OPENAI),
    ("gpt-4o-mini", "llm_output", "51", OPENAI),
    ("gpt-4.1-mini", "llm_input", "34", OPENAI),
    ("gpt-4.1-mini", "llm_cached_input", "8.50", OPENAI),
    ("gpt-4.1-mini", "llm_output", "136", OPENAI),
]


def add_prices(apps, schema_editor):
    apps.get_model("calls", "Price").objects.using(schema_editor.connection.alias).bulk_create(
        apps.get_model("calls", "Price")(model=model, unit=unit, rupees=Decimal(rupees), since=SINCE, source=source)
        for model, unit, rupees, source in PRICES
    )


class Migration(migrations.Migration):
    dependencies = [("calls", "0002_waits_usage")]

    operations = [migrations.RunPython(add_prices, migrations.RunPython.noop)]
