"""The pictures of attendance: the strip of a year, and its weeks."""
