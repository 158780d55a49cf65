"""What people changed in the Superset UI, back into the specs of the dashboards."""
