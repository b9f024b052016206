"""What a school move must pass: the stops, who is consulted and which clocks run, each with its rule and source."""
