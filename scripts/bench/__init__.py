"""What the service costs at 700, 7,000 and 83,000 children, beside other ways of doing the same: ``make bench``."""
