from odoo import fields, models


class SalesWorkTeamMember(models.Model):
    """Who fills a role in the team that works for a customer (V18).

    The team belongs to the customer: it stays when he is handed over, and shows on each of
    his leads. Members may read their line and the customer's projects, no more.
    """

    _name = "sales.work.team.member"
    _description = "Member of a Work Team"
    _order = "file_id, role_id, id"
    _rec_name = "user_id"
    _check_company_auto = True

    file_id = fields.Many2one(
        "sales.customer.file",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="file_id.company_id", store=True, index=True, precompute=True
    )
    role_id = fields.Many2one(
        "sales.project.role", required=True, index=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Member",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )

    _file_role_user_uniq = models.Constraint(
        "unique(file_id, role_id, user_id)", "Nobody fills a role twice."
    )

    def write(self, vals):
        result = super().write(vals)
        if "file_id" in vals:
            # Nobody joins the team of a customer whose file he could not write.
            self.check_access("write")
        return result
