"""The product's settings for tests: nothing from `.env`, and a Redis database for each process of tests."""

import os
from urllib.parse import urlsplit

os.environ["ENV_FILES"] = ""
if "REDIS_URL" in os.environ:  # absent where a test starts its own stack
    # Database 0 is the product's; xdist's gw0 takes 1 and so on, of Redis's 16.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{number}").geturl()

from vaani.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a good hash takes a quarter of a second
WHITENOISE_AUTOREFRESH = True  # else each client of a test would list every static file anew
