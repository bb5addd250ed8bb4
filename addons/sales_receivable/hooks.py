def uninstall_hook(env):
    """Leave no company's copies of sequences whose pattern goes with the addon."""
    patterns = env["ir.model.data"].search(
        [("module", "=", "sales_receivable"), ("model", "=", "ir.sequence")]
    )
    sequences = env["ir.sequence"].browse(patterns.mapped("res_id"))
    copies = [("code", "in", sequences.mapped("code")), ("company_id", "!=", False)]
    env["ir.sequence"].search(copies).unlink()
