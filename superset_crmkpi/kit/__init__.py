"""What helps to write a connector: a template, the contract, the table of coverage."""
