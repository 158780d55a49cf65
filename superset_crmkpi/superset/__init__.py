"""The only package that knows Superset; its modules import Superset inside functions only."""
