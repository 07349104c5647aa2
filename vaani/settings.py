"""Django's settings, the only module of them. Everything that varies comes from `vaani.env`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from vaani.env import ROOT, get_env
from vaani.logs import log_config
from vaani.sentry import start_sentry

env = get_env()
site = urlsplit(env.site_url)
secure = site.scheme == "https"

# Nothing is signed for strangers without a key of one's own; `manage.py check --deploy` says so too.
SECRET_KEY = env.secret_key or "insecure-until-SECRET_KEY-is-set"
SECRET_KEY_FALLBACKS = env.earlier_secret_keys
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
    "axes",
    "ninja",  # serves the API's documentation page from our own host
    "agents",
    "calls",
    "leads",
    "vaani",  # its commands
]

MIDDLEWARE = [
    "vaani.middleware.CallIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "vaani.csp.PolicyMiddleware",  # before whitenoise, for a picture opened by itself is a page too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agents.origins.SharingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "vaani.plain_errors.PlainErrorsMiddleware",  # the last, so that the others' headers come upon its answers
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
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# A user is locked for the address that guesses only: else any stranger could lock staff out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "vaani.addresses.bucket_of"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # whoever tries on too early has not to wait longer
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "admin/locked.html"
AXES_ALLOWED_CORS_ORIGINS = env.site_url
AXES_DISABLE_ACCESS_LOG = True  # where staff sign in from is nobody's business
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

LANGUAGE_CODE = "en-in"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.time_zone

STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
# Served straight from the source folders, so that `make run` needs no collectstatic; the image collects.
WHITENOISE_USE_FINDERS = not env.hashed_assets
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
    "staticfiles": {
        "BACKEND": "vaani.assets.HashedStorage"
        if env.hashed_assets
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# Which requests came by https is known from vaani/addresses.py, so there is no SECURE_PROXY_SSL_HEADER.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = secure
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if secure else 0
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # the domain's other hosts are not ours to force onto https,
    "security.W021",  # nor is the domain ours to put on the browsers' own lists
    "security.W008",  # the proxy that makes https redirects; workers and health checks come here by plain http
]


def _sockets(url: str) -> list[str]:
    """A LiveKit address as browsers fetch it: its socket, and the HTTP of its validation call.

    LiveKit Cloud leads them on to the host of a region that is near, or that still works.
    """
    if (urlsplit(url).hostname or "").endswith(".livekit.cloud"):
        url = "wss://*.livekit.cloud"
    return [url, url.replace("ws", "http", 1)]


CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, *_sockets(env.browser_livekit_url)],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "style-src": [SELF, NONCE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = log_config()
start_sentry(django=True)

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
