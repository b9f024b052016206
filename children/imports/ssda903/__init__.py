"""The statutory return of children looked after (SSDA903), read from its CSV tables into the roll."""
