"""Every KPI on every engine against the pandas implementations of tests/oracles.

A case is one random warehouse and what the oracles say of it; `python -m tests.matrix` prints the
matrix KPI x engine.
"""
