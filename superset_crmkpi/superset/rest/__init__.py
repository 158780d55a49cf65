"""The gateway to a remote Superset by its REST API; needs no Superset where it runs."""
