"""The roll's pages, by what they are about."""
