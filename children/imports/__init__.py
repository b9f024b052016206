"""Reading the council's files and statutory returns into the roll."""
