"""The PEP's pages, by what they are about."""
