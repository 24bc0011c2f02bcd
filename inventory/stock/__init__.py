"""What is there: the ledger (the book) and, beside it, the belief.

``ledger`` keeps the book as a fold over movements. The belief lives in a file of
its own with the same verbs (``observe``) and a state of its own in
``inventory.state``; decisions then read the belief instead of the book.
"""
