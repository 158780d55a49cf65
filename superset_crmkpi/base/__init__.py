"""What every room stands on, and knows nothing of CRM: errors, front matter, secrets."""
