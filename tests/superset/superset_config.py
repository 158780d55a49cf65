"""The demo's configuration with the API of roles, which Superset has and the demo leaves out."""

from crmkpi_demo.superset_config import *  # noqa: F403

FAB_ADD_SECURITY_API = True
