"""The forms of attendance, by what they are about."""
