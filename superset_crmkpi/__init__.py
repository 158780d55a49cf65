"""CRM KPIs for Apache Superset."""

__version__ = "0.1.0"
