"""The specs of `dashboards/`, and how a profile changes them."""
