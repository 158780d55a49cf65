"""What a company wrote down in `crmkpi.yaml`."""
