"""Who reports, proposes, answers and decides; every no says its rule and its source."""
