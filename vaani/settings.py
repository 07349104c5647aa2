"""Django's settings, the only module of them. Everything that varies comes from `vaani.env`."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from vaani.env import ROOT, get_env
from vaani.logs import log_config

env = get_env()
site = urlsplit(env.site_url)
secure = site.scheme == "https"

# Nothing is signed for strangers without a key of one's own; `manage.py check --deploy` says so too.
SECRET_KEY = env.secret_key or "insecure-until-SECRET_KEY-is-set"
DEBUG = env.debug
ALLOWED_HOSTS = sorted(
    {site.hostname or "localhost", "localhost", "127.0.0.1", urlsplit(env.worker_web_url).hostname or ""}
)
CSRF_TRUSTED_ORIGINS = [env.site_url]

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin.apps.SimpleAdminConfig",  # vaani/urls.py loads the admin, so only the web server pays for it
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "ninja",  # serves the API's documentation page from our own host
    "agents",
    "calls",
    "leads",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vaani.csp.PolicyMiddleware",
    "agents.origins.SharingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "vaani.urls"
ASGI_APPLICATION = "vaani.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


def _database(url: str, pooled: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = {"connect_timeout": 5}
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": 16, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 0 if pooled else 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(env.database_url, env.database_pool)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.redis_url,
        "KEY_PREFIX": "vaani",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

# The publish-and-subscribe layer: the usual one goes silent once Redis has lost its data.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": env.redis_url, "socket_connect_timeout": 2}], "prefix": "vaani"},
    }
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

LANGUAGE_CODE = "en-in"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone

STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
# Served straight from the source folders, so that `make run` needs no collectstatic; the image collects.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ROOT = ROOT / "static" / "root"  # /widget.js, an address that sites keep


def _file_storage() -> dict[str, Any]:
    """Where recordings and exports are kept. No address leads there: pages hand them out."""
    if not env.s3_bucket:
        options: dict[str, Any] = {
            "location": env.files_path,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        }
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    options = {
        "bucket_name": env.s3_bucket,
        "endpoint_url": env.s3_endpoint_url or None,
        "region_name": env.s3_region,
        "access_key": env.s3_access_key or None,
        "secret_key": env.s3_secret_key or None,
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": _file_storage(),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if secure else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = secure
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"


def _sockets(url: str) -> list[str]:
    """A LiveKit address as browsers fetch it: its socket, and the HTTP of its validation call."""
    return [url, url.replace("ws", "http", 1)]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, *_sockets(env.browser_livekit_url)],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = log_config()

# The teal of the visitor's page, dark enough under white letters.
_TEAL = {
    "50": "oklch(98.4% 0.014 181)",
    "100": "oklch(95.3% 0.051 181)",
    "200": "oklch(91% 0.096 180)",
    "300": "oklch(85.5% 0.138 181)",
    "400": "oklch(70.4% 0.14 183)",
    "500": "oklch(60% 0.118 185)",
    "600": "oklch(49% 0.09 187)",
    "700": "oklch(43.7% 0.078 188)",
    "800": "oklch(38.6% 0.063 188)",
    "900": "oklch(32% 0.055 190)",
    "950": "oklch(27.7% 0.046 193)",
}


def _is_below(path: str, page: str, *, besides: str) -> bool:
    """Whether the side menu marks `page` as where one is: `besides` lies below it and has an entry of its own."""
    return path.startswith(str(reverse(page))) and path != str(reverse(besides))


UNFOLD = {
    "COLORS": {"primary": _TEAL},
    "SITE_TITLE": "Vaani",
    "SITE_HEADER": "Vaani",
    "SITE_SUBHEADER": _("Voice agents for India"),
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("vaani/icon.svg")}],
    "STYLES": [lambda request: static("admin/vaani.css"), lambda request: static("admin/leads.css")],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "vaani.home.home",
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "items": [
                    {"title": _("Home"), "icon": "home", "link": reverse_lazy("admin:index")},
                    {"title": _("Agents"), "icon": "support_agent", "link": reverse_lazy("admin:agents_agentprofile_changelist")},
                    {"title": _("Calls now"), "icon": "graphic_eq", "link": reverse_lazy("admin:calls_call_now"),
                     "permission": lambda request: request.user.has_perm("calls.view_call")},
                    {"title": _("Calls"), "icon": "call", "link": reverse_lazy("admin:calls_call_changelist"),
                     "active": lambda request: _is_below(
                         request.path, "admin:calls_call_changelist", besides="admin:calls_call_now")},
                    {"title": _("Leads"), "icon": "person_add", "link": reverse_lazy("admin:leads_lead_changelist")},
                    {"title": _("Deliveries"), "icon": "outbox", "link": reverse_lazy("admin:leads_delivery_changelist"),
                     "badge": lambda: import_string("leads.backlog.badge")(), "badge_variant": "danger",
                     "permission": lambda request: request.user.has_perm("leads.view_delivery")},
                ]
            },
            {
                "title": _("For operators"),
                "collapsible": True,
                "items": [
                    {"title": _("Users"), "icon": "person", "link": reverse_lazy("admin:auth_user_changelist"),
                     "permission": lambda request: request.user.is_superuser},
                    {"title": _("Groups"), "icon": "group", "link": reverse_lazy("admin:auth_group_changelist"),
                     "permission": lambda request: request.user.is_superuser},
                    {"title": _("Spending"), "icon": "payments", "link": reverse_lazy("admin:calls_price_spending"),
                     "permission": lambda request: request.user.has_perm("calls.view_price")},
                    {"title": _("Prices"), "icon": "sell", "link": reverse_lazy("admin:calls_price_changelist"),
                     "active": lambda request: _is_below(
                         request.path, "admin:calls_price_changelist", besides="admin:calls_price_spending"),
                     "permission": lambda request: request.user.has_perm("calls.view_price")},
                    {"title": _("Daily caps"), "icon": "hourglass_top", "link": reverse_lazy("admin:calls_dailycap_changelist"),
                     "permission": lambda request: request.user.has_perm("calls.view_dailycap")},
                    {"title": _("Endpoints"), "icon": "webhook", "link": reverse_lazy("admin:leads_endpoint_changelist"),
                     "permission": lambda request: request.user.has_perm("leads.view_endpoint")},
                    {"title": _("Privacy"), "icon": "shield_person", "link": reverse_lazy("admin:leads_erasure_changelist"),
                     "permission": lambda request: request.user.has_perm("leads.view_erasure")},
                    {"title": _("Integration keys"), "icon": "key", "link": reverse_lazy("admin:agents_integrationkey_changelist"),
                     "permission": lambda request: request.user.has_perm("agents.view_integrationkey")},
                    {"title": _("Refused models"), "icon": "block", "link": reverse_lazy("admin:agents_modelrefusal_changelist"),
                     "permission": lambda request: request.user.has_perm("agents.view_modelrefusal")},
                ],
            },
        ],
    },
}  # fmt: skip
