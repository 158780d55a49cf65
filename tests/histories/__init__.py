"""Random histories of deals, as four CRMs would have kept them."""
