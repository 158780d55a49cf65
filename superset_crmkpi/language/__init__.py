"""What people read, in the language that a profile names: gettext's catalogues of messages."""
