"""Use cases. Transactions open only here, and never around network, speech or sound."""
