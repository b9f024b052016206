"""What each role sees first: their own work, in the order in which it hurts."""

from virtualschool.overview.homes.home import figures_for, offers_for, panels_for

__all__ = ["figures_for", "offers_for", "panels_for"]
