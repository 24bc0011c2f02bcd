"""The VN2 inventory planning challenge: 599 series by the week, six orders, lead time two weeks, sales lost.

The product's forecast (``inventory.demand.periods``) and orders (``inventory.replenishment.lost_sales``) beside
the organisers' reference policy, on the contest where its sales are told, else on held-out weeks of the history.
"""
