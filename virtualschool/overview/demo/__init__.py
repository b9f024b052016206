"""A made-up authority: children, adults and schools that never were, with three years behind them."""
