"""The night's watch over the roll. Importing it registers the checks of this app and the night job that runs all checks."""

from children.checks import closures, dates, education, engine, identity, placement, schooling

__all__ = ["closures", "dates", "education", "engine", "identity", "placement", "schooling"]
