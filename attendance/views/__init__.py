"""The pages of attendance, by what they are about."""
