"""Operations on SQL trees: qualify, prune, put together, types."""
