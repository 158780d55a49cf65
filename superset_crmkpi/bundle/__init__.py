"""Specs and compiled facts to Superset assets, as plain data."""
