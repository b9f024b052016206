"""Handing the records out: the statutory return, and everything in open formats."""
