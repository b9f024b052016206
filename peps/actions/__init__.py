"""What people and the service do with a PEP. Each action is one transaction, asks its policy, and writes what it did."""
