from odoo import api, fields, models
from odoo.fields import Domain

from ..guard import as_server

BATCH_SIZE = 100


class BatchMixin(models.AbstractModel):
    """Documents that jobs act upon in batches: killed at any instant and run again, a
    job neither forgets a document nor acts upon it twice, nor do two workers at once.

    For each act the model has a column that records when it was done.
    """

    _name = "sales.visit.batch.mixin"
    _description = "Documents That Jobs Act Upon in Batches"

    @api.model
    def _run_in_batches(self, domain, done, act):
        """Let the method ``act`` handle what ``domain`` finds, recording the moment in
        the column ``done``, in the same transaction. Each batch is committed.

        :param domain: open documents; those whose ``done`` is filled are left out
        :param str done: name of a datetime field that only the server writes; ``None`` where
            the act takes the documents out of the domain by itself
        :param str act: name of a method, called with the documents of one batch
        :return: whether there is time left for more
        :rtype: bool
        """
        cron = self.env["ir.cron"]
        domain = Domain(domain)
        if done:
            domain &= Domain(done, "=", False)
        remaining = self.search_count(domain)
        while remaining > 0:
            found = self.search(domain, limit=BATCH_SIZE, order="id")
            records = found.try_lock_for_update()
            if not records:
                break  # another worker has them
            getattr(records, act)()
            if done:
                as_server(records).write({done: fields.Datetime.now()})
            remaining = max(remaining - len(records), 0)
            if not cron._commit_progress(len(records), remaining=remaining):
                return False
        return True
