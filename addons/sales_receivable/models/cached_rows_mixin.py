from odoo import api, models


class CachedRowsMixin(models.AbstractModel):
    """Configuration that is asked for at every step and so kept in the server's cache.

    Any change empties the cache, on all workers.
    """

    _name = "cached.rows.mixin"
    _description = "Configuration Kept in the Cache"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
