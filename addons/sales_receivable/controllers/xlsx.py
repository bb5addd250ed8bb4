from odoo import http
from odoo.http import content_disposition, request

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class XlsxController(http.Controller):
    @http.route(
        "/sales_receivable/xlsx/<string:model>/<int:res_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download(self, model, res_id, companies=""):
        """Send a record's workbook; what is in it is what the user may read (K11)."""
        registry = request.env.registry
        if not issubclass(registry.get(model, object), registry["sales.xlsx.mixin"]):
            raise request.not_found()
        chosen = [int(part) for part in companies.split("-") if part.isdigit()]
        allowed = [c for c in chosen if c in request.env.user.company_ids.ids]
        if allowed:
            request.update_context(allowed_company_ids=allowed)
        record = request.env[model].browse(res_id).exists()
        if not record:
            raise request.not_found()
        record.check_access("read")
        name, content = record._get_xlsx()
        return request.make_response(
            content,
            headers=[
                ("Content-Type", CONTENT_TYPE),
                ("Content-Disposition", content_disposition(f"{name}.xlsx")),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
