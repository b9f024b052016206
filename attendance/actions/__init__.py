"""What people do with attendance. Each action is one transaction, asks its policy, and writes what it did."""
