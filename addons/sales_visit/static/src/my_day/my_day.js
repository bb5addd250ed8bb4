import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { recordPresence } from "../sales_visit_form/presence";

/** What a salesperson sees first: the month's pace, what is due, and today's visits. */
export class MyDay extends Component {
    static template = "sales_visit.MyDay";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("My Day");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({ day: null, busy: false });
        this.stepLabels = {
            action_plan: _t("Plan"),
            action_confirm: _t("Confirm"),
            action_reconfirm: _t("Reconfirm"),
            action_start: _t("Start"),
            action_finish: _t("Finish"),
        };
        onWillStart(() => this.load());
    }

    async load() {
        this.state.day = await this.orm.call("sales.visit", "get_my_day", []);
    }

    get bars() {
        const pace = this.state.day.pace;
        return [
            {
                figure: "done",
                label: _t("Visited"),
                done: pace.done,
                needed: pace.needed,
                color: "bg-primary",
            },
            {
                figure: "new",
                label: _t("New Customers"),
                done: pace.new,
                needed: pace.needed_new,
                color: "bg-success",
            },
            {
                figure: "callbacks",
                label: _t("Called Back"),
                done: pace.callbacks,
                needed: pace.needed_callbacks,
                color: "bg-info",
            },
        ].filter((bar) => bar.needed || bar.figure !== "callbacks");
    }

    /** Opens the visits that a figure of the month counts. */
    async openPace(figure) {
        return this.open(
            await this.orm.call("sales.visit", "action_view_my_pace", [figure])
        );
    }

    /** Share of a bar in percent. */
    getShare(done, needed) {
        return needed ? Math.min(100, Math.round((100 * done) / needed)) : 0;
    }

    open(action) {
        return this.action.doAction(action);
    }

    /** Takes the next step; the form opens where something is to be written. */
    async takeStep(visit) {
        this.state.busy = true;
        try {
            await this.orm.call("sales.visit", visit.step, [[visit.id]]);
            recordPresence(visit.id, this.orm, this.notification);
            if (visit.step === "action_finish") {
                return this.open({
                    ...visit.action,
                    context: { sales_visit_finished: true },
                });
            }
            await this.load();
        } finally {
            this.state.busy = false;
        }
    }

    async orderRoute() {
        await this.orm.call("sales.visit", "action_order_route", [
            this.state.day.visits.map((visit) => visit.id),
        ]);
        await this.load();
    }

    async openRoute() {
        return this.open(
            await this.orm.call("sales.visit", "action_view_route", [
                this.state.day.visits.map((visit) => visit.id),
            ])
        );
    }

    planWeek() {
        return this.open("sales_visit.sales_plan_action_coming");
    }

    async newEntry() {
        return this.open(await this.orm.call("sales.visit", "action_new_entry", []));
    }

    newVisit() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sales.visit",
            views: [[false, "form"]],
            context: { sales_visit_suggest_time: true },
        });
    }
}

registry.category("actions").add("sales_visit.my_day", MyDay);
