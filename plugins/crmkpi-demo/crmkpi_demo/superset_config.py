"""Superset's configuration for the demo; loaded by Superset through SUPERSET_CONFIG_PATH.

Everything lies below the folder in CRMKPI_DEMO_HOME, and nothing here is secret.
"""

import os
from pathlib import Path

HOME = Path(os.environ["CRMKPI_DEMO_HOME"])

SECRET_KEY = (HOME / "secret_key").read_text(encoding="ascii").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"
# SQLite lets one write at a time: wait for a turn instead of failing.
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}
SQLALCHEMY_TRACK_MODIFICATIONS = False

# A cookie of its own: another Superset on this machine shares the host name.
SESSION_COOKIE_NAME = "crmkpi_demo"
SESSION_COOKIE_SAMESITE = "Lax"
WTF_CSRF_ENABLED = True
# Talisman stays on with Superset's own policy; the demo speaks plain http to this machine only.
CONTENT_SECURITY_POLICY_WARNING = False
RATELIMIT_STORAGE_URI = "memory://"
AUTH_RATE_LIMITED = False
FAB_ADD_SECURITY_API = False

FEATURE_FLAGS = {"ENABLE_TEMPLATE_PROCESSING": True}
ENABLE_PROXY_FIX = False
SUPERSET_WEBSERVER_TIMEOUT = 120
# The demo has no Celery worker; queries run in the request.
CELERY_CONFIG = None


def _file_cache(name: str, seconds: int) -> dict[str, object]:
    return {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(HOME / "cache" / name),
        "CACHE_DEFAULT_TIMEOUT": seconds,
        "CACHE_THRESHOLD": 5000,
    }


DAY = 24 * 60 * 60
CACHE_CONFIG = _file_cache("metadata", DAY)
DATA_CACHE_CONFIG = _file_cache("data", DAY)
FILTER_STATE_CACHE_CONFIG = _file_cache("filters", 90 * DAY)
EXPLORE_FORM_DATA_CACHE_CONFIG = _file_cache("explore", 7 * DAY)
