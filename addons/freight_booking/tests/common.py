from datetime import timedelta

from odoo import fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from stdnum import iso6346

RULES = ("F07", "F10", "F16", "F18")
SALESMAN = "sales_team.group_sale_salesman"
ROLES = ("commercial", "operator", "customs", "documents", "settlement")


class FreightMixinCase:
    """A forwarder with one user per role, a carrier, a route and a tariff."""

    @classmethod
    def set_up_freight(cls):
        # The set-up is the administrator's; every test acts as a role.
        cls.env = cls.env(user=cls.env.ref("base.user_root"), su=True)
        cls.company = cls.company_data["company"]
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        cls.users = {role: cls.new_user(role) for role in ROLES}
        cls.commercial, cls.operator, cls.customs, cls.documents, cls.settlement = (
            cls.users[role] for role in ROLES
        )
        cls.salesperson = cls.new_user("salesperson", SALESMAN)
        cls.carrier = cls.env.ref("freight_booking.carrier_cosu")
        cls.vendor = cls.env["res.partner"].create({"name": "Carrier's Agency"})
        cls.carrier.with_company(cls.company).partner_id = cls.vendor
        cls.pol = cls.env.ref("freight_booking.location_cnytn")
        cls.pod = cls.env.ref("freight_booking.location_uslax")
        cls.high_cube = cls.env.ref("freight_booking.equipment_type_45g1")
        cls.dry20 = cls.env.ref("freight_booking.equipment_type_22g1")
        cls.ocean = cls.env.ref("freight_booking.charge_type_ofr")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Toy Exports Co.", "user_id": cls.salesperson.id}
        )
        cls.serial = 305438

    @classmethod
    def new_user(cls, role, groups=None, **values):
        return new_test_user(
            cls.env,
            login=f"freight_{role}",
            name=role,
            groups=groups or f"freight_booking.group_{role}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            **values,
        )

    @classmethod
    def set_mode(cls, code, mode="block", company=None, date_from="2020-01-01"):
        rule = cls.env["business.rule"].search([("code", "=", code)])
        return cls.env["business.rule.mode"].create(
            {
                "rule_id": rule.id,
                "company_id": (company or cls.company).id,
                "mode": mode,
                "date_from": date_from,
            }
        )

    @classmethod
    def block_all(cls):
        for code in RULES:
            cls.set_mode(code)

    @classmethod
    def new_number(cls):
        """Return a container number of ISO 6346 that no test has used."""
        cls.serial += 1
        body = f"CSQU{cls.serial}"
        return body + iso6346.calc_check_digit(body)

    @classmethod
    def new_booking(cls, quantity=1, **values):
        return cls.env["freight.booking"].create(
            {
                "company_id": cls.company.id,
                "partner_id": cls.customer.id,
                "user_id": cls.salesperson.id,
                "carrier_id": cls.carrier.id,
                "pol_id": cls.pol.id,
                "pod_id": cls.pod.id,
                "commodity": "toys",
                "cargo_ready_date": "2026-11-20",
                "equipment_ids": [
                    Command.create(
                        {"equipment_type_id": cls.high_cube.id, "quantity": quantity}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def fill_shipping_order(cls, booking):
        """Enter what the carrier's S/O says, without recording its receipt."""
        now = fields.Datetime.now()
        for row in booking.equipment_ids:
            row.confirmed_quantity = row.quantity
        booking.write(
            {
                "carrier_booking_reference": f"COSU{booking.id}",
                "vessel_name": "COSCO SHIPPING ARIES",
                "voyage": "031E",
                "cutoff_ids": [
                    Command.create(
                        {"code": "DCO", "deadline": now + timedelta(days=2)}
                    ),
                    Command.create(
                        {"code": "FCO", "deadline": now + timedelta(days=3)}
                    ),
                ],
            }
        )

    @classmethod
    def receive_shipping_order(cls, booking):
        booking.with_user(cls.operator).action_confirm_booking()
        cls.fill_shipping_order(booking)
        booking.with_user(cls.operator).action_receive_shipping_order()

    @classmethod
    def fill_containers(cls, booking):
        for container in booking.container_ids:
            container.write(
                {
                    "number": cls.new_number(),
                    "seal_number": f"S{cls.serial}",
                    "vgm_weight": 21000,
                    "vgm_method": "SM1",
                }
            )

    @classmethod
    def load(cls, booking):
        """Take a booking from draft to on board, as the operator."""
        cls.receive_shipping_order(booking)
        cls.fill_containers(booking)
        operator = booking.with_user(cls.operator)
        operator.action_pick_up()
        operator.action_return_laden()
        operator.action_on_board()

    @classmethod
    def new_charge(cls, booking, price=1000.0, **values):
        return cls.env["freight.charge"].create(
            {
                "booking_id": booking.id,
                "charge_type_id": cls.ocean.id,
                "price_unit": price,
                "currency_id": cls.company.currency_id.id,
                "customer_confirmed": values.get("side", "sell") == "sell",
                **values,
            }
        )

    @classmethod
    def new_bill(cls, booking, **values):
        return cls.env["freight.bill"].create(
            {
                "booking_id": booking.id,
                "container_ids": [Command.set(booking.container_ids.ids)],
                **values,
            }
        )

    @classmethod
    def untax(cls, booking):
        """Agree on charges without tax: round figures."""
        booking.charge_ids.product_id.taxes_id = False
        booking.sudo().charge_ids.sale_line_id.tax_ids = False

    @classmethod
    def new_debit_note(cls, booking, post=True):
        cls.untax(booking)
        booking.with_user(cls.settlement).action_create_debit_note()
        note = booking.debit_note_ids.sorted("id")[-1:]
        note.invoice_date = "2026-11-21"
        if post:
            note.with_user(cls.settlement).action_post()
        return note

    @classmethod
    def pay(cls, invoice, amount):
        return cls._register_payment(invoice, amount=amount, payment_date="2026-11-22")


@tagged("post_install", "-at_install")
class FreightCase(FreightMixinCase, AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_freight()
