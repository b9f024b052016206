"""Who reads what of attendance, and who records it."""
