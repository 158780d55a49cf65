"""Raw tables of a source to entities as its connector maps them."""
