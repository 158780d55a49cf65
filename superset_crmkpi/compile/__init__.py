"""From canonical entities to one SELECT per fact, and what can be had of it."""
