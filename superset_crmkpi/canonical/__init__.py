"""The canonical model: entities and their columns, read from `sql/model`."""
