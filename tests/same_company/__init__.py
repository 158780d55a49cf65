"""One synthetic company, as four CRMs would keep it."""
