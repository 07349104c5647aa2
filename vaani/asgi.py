"""The web server's entry, served by daphne."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vaani.settings")
os.environ.setdefault("DATABASE_POOL", "true")  # many short requests share few connections; only here

from django.core.asgi import get_asgi_application

application = get_asgi_application()
