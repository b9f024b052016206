"""Pages that keep accounts, cover, and the register of designated teachers."""
