import uuid

from odoo import api, fields, models
from odoo.addons.sales_receivable.guard import as_server, is_server
from odoo.exceptions import UserError


class FreightEvent(models.Model):
    """What happened, or is expected to: an append-only log in the words of DCSA.

    Steps write actual (ACT) events. Planned and estimated events inform and never
    advance a state. A wrong event is retracted, not changed or deleted.
    """

    _name = "freight.event"
    _description = "Freight Event"
    _inherit = ["server.field.mixin"]
    _order = "event_at desc, id desc"
    _rec_name = "code"
    _check_company_auto = True

    event_id = fields.Char(
        string="Event ID",
        required=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
        help="Identity given by the source: the same event is never recorded twice.",
    )
    booking_id = fields.Many2one(
        "freight.booking", required=True, index=True, ondelete="restrict"
    )
    container_id = fields.Many2one(
        "freight.container",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, index=True, precompute=True
    )
    event_type = fields.Selection(
        [
            ("SHIPMENT", "Shipment"),
            ("TRANSPORT", "Transport"),
            ("EQUIPMENT", "Equipment"),
        ],
        required=True,
    )
    code = fields.Selection(
        [
            ("REQS", "Requested"),
            ("CONF", "Confirmed"),
            ("SUBM", "Submitted"),
            ("APPR", "Approved"),
            ("ISSU", "Issued"),
            ("SURR", "Surrendered"),
            ("HOLD", "On Hold"),
            ("RELS", "Release Granted"),
            ("DEPA", "Departed"),
            ("ARRI", "Arrived"),
            ("PICK", "Picked Up"),
            ("DROP", "Dropped Off"),
            ("STUF", "Stuffed"),
            ("STRP", "Stripped"),
            ("GTOT", "Gate Out"),
            ("GTIN", "Gate In"),
            ("LOAD", "Loaded"),
            ("DISC", "Discharged"),
            ("INSP", "Inspected"),
            ("RSEA", "Resealed"),
        ],
        string="Event",
        required=True,
    )
    classifier = fields.Selection(
        [("PLN", "Planned"), ("EST", "Estimated"), ("ACT", "Actual")], required=True
    )
    document_type = fields.Selection(
        [
            ("CBR", "Booking Request"),
            ("BKG", "Booking"),
            ("SHI", "Shipping Instructions"),
            ("TRD", "Transport Document"),
            ("CUS", "Customs"),
            ("VGM", "Verified Gross Mass"),
        ]
    )
    empty_indicator = fields.Selection(
        [("EMPTY", "Empty"), ("LADEN", "Laden")], string="Empty/Laden"
    )
    event_at = fields.Datetime(string="At", required=True, help="Stored in UTC.")
    location_id = fields.Many2one("freight.location", ondelete="restrict")
    source = fields.Char(
        required=True,
        readonly=True,
        default="manual",
        help="Who reported it; “own” are the steps taken here.",
    )
    milestone = fields.Char(
        readonly=True, help="The step that wrote this event, undone by its retraction."
    )
    retracted = fields.Boolean(readonly=True)
    retracted_reason = fields.Char(readonly=True)

    _event_id_uniq = models.Constraint(
        "unique(company_id, event_id)", "This event is recorded already."
    )
    _booking_at = models.Index("(booking_id, event_at DESC)")

    def write(self, vals):
        """Refuse changes: the log is append-only, superuser included."""
        if not is_server(self):
            raise UserError(
                self.env._("An event is never changed: retract it and record another.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("An event is never deleted: retract it with a reason.")
        )

    @api.model
    def _log(self, vals_list):
        """Record actual events of our own steps.

        Steps belong to roles, not to rights on the log: whoever may take the step
        writes its event.
        """
        return (
            as_server(self.sudo())
            .create(
                [{"classifier": "ACT", "source": "own", **vals} for vals in vals_list]
            )
            .with_env(self.env)
        )

    def action_retract(self, reason):
        """Retract wrong events; a step they recorded is undone, the last one first.

        :param str reason: why, kept with the event
        :raise UserError: without a reason, or where a later step stands on it
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why this event is retracted."))
        self.check_access("write")
        for event in self.filtered(lambda event: not event.retracted):
            event._undo_milestone()
            as_server(event).write({"retracted": True, "retracted_reason": reason})
            event.booking_id._message_log(
                body=self.env._(
                    "Event %(event)s retracted: %(reason)s",
                    event=event.display_name,
                    reason=reason,
                )
            )
        return True

    def _undo_milestone(self):
        """Take a container or booking back to before this event's step."""
        self.ensure_one()
        if not self.milestone:
            return
        if self.milestone == "shipping_order":
            self.booking_id.write({"shipping_order_at": False})
            return
        self.container_id._check_step_role(self.milestone)
        self.container_id._undo_step(self.milestone)

    @api.depends("code", "container_id", "event_at")
    def _compute_display_name(self):
        labels = dict(self._fields["code"]._description_selection(self.env))
        for event in self:
            event.display_name = " ".join(
                filter(None, (labels.get(event.code), event.container_id.number))
            )
