"""What helps to write a connector: a first one that passes, its check, its table of coverage."""
