import re
from pathlib import Path

from odoo import fields, models
from odoo.exceptions import AccessError

from .common import AuthorityCase

README = Path(__file__).parents[1] / "README.md"
DOCUMENT = "acme.trip"
CHANGED = (DOCUMENT, "authority.rule")


class TestAuthorityExample(AuthorityCase):
    """The README's example of a document of another addon does what is said of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.load_example()
        cls.env["business.rule"].create({"code": "Z01", "name": "Dear trips"})
        cls.set_mode("Z01", "block")
        cls.new_limit("price_per_km", "project_manager", 2.0, document=DOCUMENT)
        group = cls.env.ref("base.group_user")
        cls.env["ir.model.access"].create(
            {
                "name": "trips",
                "model_id": cls.env["ir.model"]._get(DOCUMENT).id,
                "group_id": group.id,
                **{f"perm_{name}": True for name in ("read", "write", "create")},
            }
        )
        cls.trip = cls.new_trip(price=150.0)

    @classmethod
    def load_example(cls):
        """Define the example's models as the host does, until the class is done."""
        # As the host's own tests do: no addon imports it otherwise.
        from odoo.orm.model_classes import add_to_registry  # noqa: PLC0415

        text = README.read_text().split("```python\n")[1].split("```")[0]
        # Without a module, as models that no addon brings.
        text = re.sub(r"(class .*:\n)", r"\1    _module = None\n", text)
        namespace = {"models": models, "fields": fields, "__name__": __name__}
        exec(compile(text, str(README), "exec"), namespace)  # noqa: S102  # our README
        bases = cls.registry["authority.rule"]._base_classes__
        cls.addClassCleanup(cls.unload_example, bases)
        for name in ("Trip", "AuthorityRule"):
            add_to_registry(cls.registry, namespace[name])
        cls.registry._setup_models__(cls.env.cr, [])
        cls.registry.init_models(cls.env.cr, CHANGED, {"module": "sales_receivable"})

    @classmethod
    def unload_example(cls, bases):
        rule = cls.registry["authority.rule"]
        rule._base_classes__ = bases
        rule._setup_done__ = False
        del cls.registry[DOCUMENT]
        for model in cls.registry.values():
            model._inherit_children.discard(DOCUMENT)
        with cls.registry.cursor() as cr:
            cls.registry._setup_models__(cr, [])

    @classmethod
    def new_trip(cls, **values):
        return (
            cls.env[DOCUMENT]
            .with_user(cls.salesperson)
            .create(
                {
                    "name": "To the harbour",
                    "company_id": cls.company.id,
                    "kilometres": 100.0,
                    **values,
                }
            )
        )

    def test_approved_then_booked(self):
        """A01: facts, limits, people, refusal, approval, all from the example."""
        self.new_trip(price=0.0).action_book()
        with self.assert_refused("Z01 Dear trips — 1.50 per km.*Project Manager"):
            self.trip.action_book()
        request = self.ask(self.trip)
        self.assertEqual(request.approver_id, self.project_manager)
        self.assertEqual(request.sentence, "1.50 per km")
        request.with_user(self.project_manager).action_approve()
        self.trip.action_book()
        self.assertTrue(self.trip.is_booked)

    def test_worse_after_the_approval(self):
        """A16: the watch of the example."""
        request = self.ask(self.trip)
        self.trip.price = 120.0
        self.assertEqual(request.state, "waiting")
        self.trip.price = 300.0
        self.assertEqual(request.state, "superseded")
        self.assertEqual(self.ask(self.trip).approver_id, self.general_manager)
        with self.assert_refused("3.00 per km"):
            self.trip.action_book()

    def test_everything_else_comes_along(self):
        """A01 X01: matrix, searches, guards of what the engine keeps."""
        matrix = self.env["authority.rule"].get_matrix(DOCUMENT)
        self.assertEqual([row["measure"] for row in matrix["rows"]], ["price_per_km"])
        blocked = self.env[DOCUMENT].search([("authority_blocked", "=", True)])
        self.assertEqual(blocked, self.trip.with_env(self.env))
        with self.assertRaises(AccessError):
            self.trip.authority_since = "2020-01-01"
