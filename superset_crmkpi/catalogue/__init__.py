"""Facts and KPIs as data, read from `sql/facts` and `sql/kpis`, and those generated from them."""
