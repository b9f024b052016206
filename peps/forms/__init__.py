"""The PEP's forms, by what they are about."""
