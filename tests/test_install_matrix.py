"""Each addon alone, all together, and nothing of ours left after uninstalling."""

import pytest

from bootstrap.databases import ALL_ADDONS, HOST_ALL, HOST_OF, SAMPLE
from bootstrap.project import LOGS, OWN_ADDONS

pytestmark = pytest.mark.matrix

OWN_DEPENDENCIES = {"freight_booking": ("sales_receivable",)}
# What a module can leave behind, by a key that two databases can be compared by.
KINDS = {
    "column": "select table_name || '.' || column_name "
    "from information_schema.columns where table_schema = 'public'",
    "index": "select indexname from pg_indexes where schemaname = 'public'",
    "constraint": "select conrelid::regclass || '.' || conname from pg_constraint "
    "where connamespace = 'public'::regnamespace",
    "view": "select key || name from ir_ui_view",
    "job": "select cron_name from ir_cron",
    "parameter": "select key from ir_config_parameter",
    "model": "select model from ir_model",
    "field": "select model || '.' || name from ir_model_fields",
    "group": "select name->>'en_US' from res_groups",
    "rule": "select name from ir_rule",
    "menu": "select name->>'en_US' from ir_ui_menu",
    "action": "select type || coalesce(name->>'en_US', '') from ir_actions",
    "sequence": "select code || name from ir_sequence",
    "privilege": "select name->>'en_US' from res_groups_privilege",
    "activity type": "select name->>'en_US' from mail_activity_type",
    "mail template": "select name->>'en_US' from mail_template",
    "subtype": "select name->>'en_US' from mail_message_subtype",
    "product": "select name->>'en_US' from product_template",
    "lost reason": "select name->>'en_US' from crm_lost_reason",
    "our identifier": "select module || '.' || name from ir_model_data "
    f"where module in {OWN_ADDONS}",
    "attachment of ours": "select res_model || '.' || name from ir_attachment "
    "where res_model ~ '^(sales\\.|freight\\.|authority\\.|performance\\.)'",
}


def snapshot(databases, database):
    """Return {kind: what is there} of a database."""
    found = {}
    for kind, query in KINDS.items():
        out = databases.cluster.run("psql", "-X", "-d", database, "-Atc", query)
        # A table that is not there (no crm) has nothing in it.
        found[kind] = sorted(filter(None, (out or "").splitlines()))
    return found


def left_over(before, after):
    return {
        kind: left
        for kind in KINDS
        if (left := sorted(set(after[kind]) - set(before[kind])))
    }


def uninstall(databases, database, addons):
    log = LOGS / f"uninstall-{'-'.join(addons)}.log"
    databases.odoo(
        *("module", "uninstall", "-d", database, *addons),
        log=log,
        problem="Uninstalling failed.",
    )
    assert not databases.complaints(log)


def states(databases, database):
    out = databases.cluster.run(
        *("psql", "-X", "-d", database, "-Atc"),
        "select name, state from ir_module_module "
        f"where name in {OWN_ADDONS} order by name",
    )
    return dict(line.split("|") for line in out.splitlines())


@pytest.mark.parametrize("addon", OWN_ADDONS)
def test_each_addon_alone(addon, databases, scratch):
    """Installs with only its dependencies, warns of nothing, leaves nothing."""
    host = databases.layer(HOST_OF[addon])
    before = snapshot(databases, host)
    name = scratch(addon.replace("_", "-"))
    databases.copy(host, name)
    databases.install(name, [addon], f"matrix-{addon}")
    assert not databases.complaints(LOGS / f"matrix-{addon}.log")
    installed = {
        a for a, state in states(databases, name).items() if state == "installed"
    }
    needed = [addon, *OWN_DEPENDENCIES.get(addon, ())]
    assert installed == set(needed)
    for own in needed:
        uninstall(databases, name, [own])
    assert left_over(before, snapshot(databases, name)) == STAYS_ALONE.get(addon, {})


# What stays: {addon: {kind: keys}}. Only host master data that other records may use.
STAYS_ALONE = {}
STAYS_USED = {"lost reason": ["Invalid: no money, authority or need"]}


def test_uninstalling_from_a_company_at_work(databases, scratch):
    """With a company's records, too, only host master data that they use stays."""
    host = snapshot(databases, databases.layer(HOST_ALL))
    ours = left_over(host, snapshot(databases, databases.layer(ALL_ADDONS)))
    name = scratch("uninstall")
    databases.copy(databases.layer(SAMPLE), name)
    for addon in ("freight_booking", "sales_receivable", "sales_visit"):
        uninstall(databases, name, [addon])
    after = snapshot(databases, name)
    # What the company itself made (products, sequences …) is its own to keep.
    left = {
        kind: sorted(stays)
        for kind, keys in ours.items()
        if (stays := set(keys) & set(after[kind]))
    }
    assert left == STAYS_USED
    assert after["attachment of ours"] == after["our identifier"] == []
    count = "select count(*) from sale_order where state = 'sale'"
    orders = databases.cluster.run("psql", "-X", "-d", name, "-Atc", count)
    assert int(orders) > 100


def test_installing_one_after_another_is_installing_all(databases, scratch):
    """The order of installation makes no difference to what is there."""
    name = scratch("steps")
    databases.copy(databases.layer(HOST_ALL), name)
    for addon in ("freight_booking", "sales_visit"):
        databases.install(name, [addon], f"matrix-steps-{addon}")
    together = snapshot(databases, databases.layer(ALL_ADDONS))
    assert left_over(together, snapshot(databases, name)) == {}
    assert left_over(snapshot(databases, name), together) == {}


def test_every_rule_is_off_after_installation(databases):
    """No row of a mode exists until an administrator makes one."""
    rows = databases.cluster.run(
        *("psql", "-X", "-d", databases.layer(ALL_ADDONS), "-Atc"),
        "select count(*) from business_rule_mode where mode <> 'off'",
    )
    assert rows == "0"
