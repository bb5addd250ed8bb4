import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** The limits of all levels at a glance, edited in place. */
export class AuthorityMatrix extends Component {
    static template = "sales_receivable.AuthorityMatrix";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Authority Matrix");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ matrix: null, text: "", found: null, wrong: null });
        this.scope = { document: "sale.order", company_id: false, team_id: false, on: false };
        onWillStart(() => this.load());
    }

    async load() {
        this.state.matrix = await this.orm.call("authority.rule", "get_matrix", [], this.scope);
    }

    async choose(name, value) {
        this.scope[name] = ["document", "on"].includes(name) ? value : Number(value) || false;
        if (name === "company_id") {
            this.scope.team_id = false;
        }
        this.state.found = null;
        await this.load();
    }

    format(limit) {
        return limit === null ? "" : formatFloat(limit, { digits: [16, 2], trailingZeros: false });
    }

    describe(cell) {
        if (cell.limit === null) {
            return _t("No limit of this level");
        }
        return cell.inherited
            ? _t("The company's limit, since %s", cell.since)
            : _t("Since %s", cell.since);
    }

    /** Starts a version of the limit; an empty cell takes it away. */
    async setLimit(row, cell, ev) {
        const text = ev.target.value.trim();
        let limit = null;
        if (text) {
            try {
                limit = parseFloat(text);
            } catch {
                this.state.wrong = `${row.measure} ${cell.level_id}`;
                this.notification.add(_t("“%s” is not a number.", text), { type: "danger" });
                return;
            }
        }
        this.state.wrong = null;
        const unchanged = limit === cell.limit || (limit === null && cell.inherited);
        if (unchanged) {
            ev.target.value = this.format(cell.limit);
            return;
        }
        try {
            await this.orm.call("authority.rule", "set_limit", [this.getCell(row, cell)], {
                limit,
                on: this.scope.on,
            });
            const day = formatDate(deserializeDate(this.state.matrix.on));
            this.notification.add(_t("Saved: valid from %s.", day), { type: "success" });
        } finally {
            // Also after a refusal: the cell shows what counts.
            await this.load();
        }
        if (this.state.found) {
            await this.explain();
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.target.blur();
        }
    }

    getCell(row, cell) {
        const { document, company_id, team_id } = this.scope;
        return { document, company_id, team_id, measure: row.measure, level_id: cell.level_id };
    }

    async openHistory(row, cell) {
        const args = [this.getCell(row, cell)];
        return this.action.doAction(
            await this.orm.call("authority.rule", "action_open_history", args)
        );
    }

    async explain() {
        this.state.found = await this.orm.call("authority.rule", "explain_document", [
            this.scope.document,
            this.state.text,
        ]);
    }
}

registry.category("actions").add("sales_receivable.authority_matrix", AuthorityMatrix);
