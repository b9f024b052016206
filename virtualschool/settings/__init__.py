"""Settings: `base` for all, then one module each for development, tests and production."""
