"""The ledger of lost education: what a full-time week would have been, what was offered, what was attended, and who owns each gap.

Derived from the roll, the marks and the arrangements whenever it is read, and kept nowhere (decision 0019).
"""
