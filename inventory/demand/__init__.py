"""What will sell: online models of demand. The only package that may import river."""
