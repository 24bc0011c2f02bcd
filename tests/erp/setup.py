"""Fills an empty Tryton database: a company, two warehouses, products, a supplier, and who may do what.

A process of its own (``python setup.py CONFIG DATABASE``): an ERP is imported nowhere else.
"""

import sys
from decimal import Decimal
from typing import Any

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, get_accounts
from trytond.modules.company.tests.tools import create_company, get_company

STORES = {"S01": "Store one", "S02": "Store two"}
PRODUCTS = ("jeans-32", "shirt-m", "coat-l")
CONNECTOR_GROUPS = ("Purchase", "Purchase Request", "Purchase Requisition", "Purchase Requisition Approval", "Stock")
PASSWORDS = {"restockd": "connector-pass-1", "buyer": "buyer-pass-2"}


def main(configuration: str, database: str) -> None:
    """Everything in the order Tryton wants it."""
    config.set_trytond(f"sqlite:///{database}", config_file=configuration)
    create_company()
    create_chart()
    accounts = get_accounts()
    account_configuration = Model.get("account.configuration")(1)
    account_configuration.default_category_account_expense = accounts["expense"]
    account_configuration.save()
    purchase_configuration = Model.get("purchase.configuration")(1)
    purchase_configuration.purchase_invoice_method = "manual"
    purchase_configuration.save()
    _stores()
    _products(accounts)
    supplier = Model.get("party.party")(name="Mill", code="mill")
    supplier.addresses.new(city="Prato")
    supplier.save()
    employee_party = Model.get("party.party")(name="restockd")
    employee_party.save()
    employee = Model.get("company.employee")(party=employee_party, company=get_company())
    employee.save()
    for name in PASSWORDS:
        _user(name, employee)


def _stores() -> None:
    location = Model.get("stock.location")
    for code, name in STORES.items():
        parts: dict[str, Any] = {}
        for kind, field in (("storage", "input"), ("storage", "output"), ("storage", "storage")):
            parts[field] = location(name=f"{name} {field}", code=f"{code}-{field}", type=kind)
            parts[field].save()
        location(
            name=name,
            code=code,
            type="warehouse",
            input_location=parts["input"],
            output_location=parts["output"],
            storage_location=parts["storage"],
        ).save()


def _products(accounts: Any) -> None:
    category = Model.get("product.category")(name="Accounts", accounting=True)
    category.account_expense = accounts["expense"]
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    for sku in PRODUCTS:
        template = Model.get("product.template")()
        template.name = sku
        template.type = "goods"
        template.default_uom = unit
        template.list_price = Decimal(20)
        template.purchasable = True
        template.account_category = category
        (product,) = template.products
        product.suffix_code = sku
        product.cost_price = Decimal(8)
        template.save()


def _user(name: str, employee: Any) -> None:
    group = Model.get("res.group")
    user = Model.get("res.user")(name=name, login=name, password=PASSWORDS[name])
    company = get_company()
    user.companies.append(Model.get("company.company")(company.id))
    user.company = Model.get("company.company")(company.id)
    user.employees.append(Model.get("company.employee")(employee.id))
    user.employee = Model.get("company.employee")(employee.id)
    for wanted in group.find([]):
        if wanted.name in CONNECTOR_GROUPS or (name == "buyer" and not wanted.name.startswith("Restricted")):
            user.groups.append(wanted)
    user.save()


if __name__ == "__main__":
    main(*sys.argv[1:])
