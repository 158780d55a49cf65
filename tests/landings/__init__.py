"""Every fact of every connector and landing over its fixtures: live, built, and on two engines.

`python -m tests.landings` prints the table of all; the gate compares some, other ones each day.
"""
