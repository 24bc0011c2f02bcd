"""Budgets (open-to-buy): which orders fall under them, what each is worth, and who gets what is left."""
