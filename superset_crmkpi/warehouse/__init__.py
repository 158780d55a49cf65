"""The engine, what lies in it, and how files get there."""
