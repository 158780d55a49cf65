"""A profile brought to life on its warehouse."""
