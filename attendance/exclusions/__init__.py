"""Suspensions and permanent exclusions: their days, their words, the marks beside them, their page and their timeline."""
