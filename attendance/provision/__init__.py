"""Alternative provision: which checks of a provider are due."""
