"""What people do about places at risk and moves of school. Each action is one transaction, asks its policy, and writes what it did."""
