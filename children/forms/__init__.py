"""The roll's forms, by what they are about."""
