"""Who brings what: the hooks, and the manager of the distributions that implement them."""
