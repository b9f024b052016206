"""What is done to the roll. Every action takes ``by``: a user whose policy is asked, or None for the service itself (imports).

They raise ``Refused`` when the policy says no, ``Conflict`` when the record has moved on, and Django's ``ValidationError`` with
words for people when the facts do not fit.
"""
