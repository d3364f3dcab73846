"""Every setting, read from the environment; by itself each is the safe one.

OPENTAPER_DATA            the folder for the embedded database, the secret key and the collected static files
OPENTAPER_DATABASE        a path of an SQLite file, or a postgres:// address of a role that owns nothing
OPENTAPER_DATABASE_OWNER  with PostgreSQL, the same database as the role that owns its tables: it migrates, and no more
OPENTAPER_DATABASE_BACKUP with PostgreSQL, the same database as a role that reads every clinic's rows: copies and audits
OPENTAPER_DATABASE_KEY    with SQLite, the file of the key that encrypts it, in another folder; without it, it is plain
OPENTAPER_HEADS           the file for signed heads, best on another machine or disk; by itself it lies in OPENTAPER_DATA
OPENTAPER_SECRET          the secret key; by itself it is made and kept in OPENTAPER_DATA
OPENTAPER_HOSTS           the names under which the clinic is reached, with commas between
OPENTAPER_PROXIES         how many proxies of ours stand in front and end TLS; 0 means none
OPENTAPER_HTTP_LOOPBACK   1: plain http, on this machine only (`opentaper serve` sets it)
OPENTAPER_DEBUG           1: developers only; never on by itself, and refused anywhere but on this machine
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from fontpkg_atkinson_hyperlegible import ROOT as FONTS

from opentaper.clinic.settings.catalogue import compiled
from opentaper.clinic.settings.secret import secret_key
from opentaper.clinic.settings.store import databases

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HERE = Path(__file__).parents[1]


def _yes(name: str) -> bool:
    return os.environ.get(name, "") == "1"


def data_folder() -> Path:
    """Return where the embedded database lies."""
    if named := os.environ.get("OPENTAPER_DATA"):
        return Path(named).absolute()
    given = Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    return given / "opentaper"


DATA = data_folder()
HEADS = Path(os.environ.get("OPENTAPER_HEADS") or DATA / "heads.jsonl").absolute()
HTTP_LOOPBACK = _yes("OPENTAPER_HTTP_LOOPBACK")
DEBUG = _yes("OPENTAPER_DEBUG")
SECRET_KEY = secret_key(os.environ.get("OPENTAPER_SECRET", ""), DATA)

ALLOWED_HOSTS = [name.strip() for name in os.environ.get("OPENTAPER_HOSTS", "").split(",") if name.strip()]
if HTTP_LOOPBACK:
    if set(ALLOWED_HOSTS) - set(LOOPBACK):
        raise ImproperlyConfigured(
            "OPENTAPER_HTTP_LOOPBACK is for this machine alone; with OPENTAPER_HOSTS the clinic needs https"
        )
    ALLOWED_HOSTS = list(LOOPBACK)
if DEBUG and not HTTP_LOOPBACK:
    raise ImproperlyConfigured("OPENTAPER_DEBUG shows what is in memory; it needs OPENTAPER_HTTP_LOOPBACK=1")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("OPENTAPER_HOSTS names hosts; * would let anybody forge links")

INSTALLED_APPS = [
    "opentaper.clinic.people",
    "opentaper.clinic.library",
    "opentaper.clinic.cases",
    "opentaper.clinic.jobs",
    "opentaper.clinic.upkeep",
    "opentaper.clinic.demonstration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "opentaper.clinic.people.door.NoStore",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "opentaper.clinic.people.door.Door",
]

ROOT_URLCONF = "opentaper.clinic.urls"
WSGI_APPLICATION = "opentaper.clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "opentaper.clinic.people.door.who",
            ],
        },
    },
]

# Where it is kept. A refused request must leave its row in the access log, so that a request is never one transaction:
# what has to be done together is put together by the action that does it.
DATABASES = databases(
    os.environ.get("OPENTAPER_DATABASE", ""),
    os.environ.get("OPENTAPER_DATABASE_OWNER", ""),
    DATA,
    backup=os.environ.get("OPENTAPER_DATABASE_BACKUP", ""),
    key=os.environ.get("OPENTAPER_DATABASE_KEY"),
)
DATABASE_ROLE = DATABASES["default"].get("USER", "")
MIGRATES = "owner" if "owner" in DATABASES else "default"
READS_ALL = "backup" if "backup" in DATABASES else "default"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Limits on guessing and used codes are counted here. It is the database, because every worker must see the same count.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_count",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# Who asks.
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["opentaper.clinic.people.account.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "begin"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "opentaper.clinic.people.account.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]  # nobody signs up; allauth checks that these agree
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_USER_DISPLAY = "opentaper.clinic.people.account.display"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/300s/key", "login": "60/m/ip"}
MFA_ADAPTER = "opentaper.clinic.people.account.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "OpenTaper"
MFA_TOTP_TOLERANCE = (
    1  # a phone's clock may be half a minute off; `people.code` refuses a code's second use for as long
)
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the administrator gave the address
MFA_FORMS = {
    "activate_totp": "opentaper.clinic.people.code.Activate",
    "authenticate": "opentaper.clinic.people.code.Authenticate",
    "reauthenticate": "opentaper.clinic.people.code.Reauthenticate",
    "add_webauthn": "opentaper.clinic.people.code.AddPasskey",
    "authenticate_webauthn": "opentaper.clinic.people.code.AuthenticatePasskey",
    "login_webauthn": "opentaper.clinic.people.code.LoginPasskey",
    "reauthenticate_webauthn": "opentaper.clinic.people.code.ReauthenticatePasskey",
}

# Sessions: thirty minutes without a click, as the door counts them by the minute; twelve hours in all, gone with the browser.
SESSION_ENGINE = "opentaper.clinic.people.session"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_HOURS = 12

# What the browser may do.
PREFIX = "" if HTTP_LOOPBACK else "__Host-"
SESSION_COOKIE_NAME = f"{PREFIX}session"
CSRF_COOKIE_NAME = f"{PREFIX}csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not HTTP_LOOPBACK
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 0 if HTTP_LOOPBACK else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not HTTP_LOOPBACK
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PROXIES = int(os.environ.get("OPENTAPER_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# Our style sheet and scripts, and the typeface from its package.
STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [HERE / "static", ("fonts", FONTS / "files")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nobody uploads anything
    "staticfiles": {"BACKEND": "opentaper.clinic.static_files.Kept"},
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [compiled(HERE / "locale", DATA / "locale")]
FORMAT_MODULE_PATH = "opentaper.clinic.formats"
LANGUAGE_COOKIE_NAME = f"{PREFIX}language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = not HTTP_LOOPBACK, True, "Lax"
USE_TZ = True
TIME_ZONE = "UTC"

# What is written down about requests: when, what kind of trouble, the path. Never what was asked, sent or stored.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "opentaper.clinic.log.Plain"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
