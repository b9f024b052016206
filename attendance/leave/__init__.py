"""Leave in term time: what the rules say of it, and the marks beside what was decided."""
