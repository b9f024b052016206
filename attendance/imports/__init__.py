"""Files that attendance reads: what their columns mean, a look at their first rows, and the import itself."""
