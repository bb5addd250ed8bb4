import { Component, onWillUnmount, useState } from "@odoo/owl";
import { evaluateBooleanExpr } from "@web/core/py_js/py";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;
const MINUTE = 60000;

/**
 * How long until a deadline, to the hour and, on its last day, to the minute. The host's
 * own remaining-days widget counts calendar days, too coarse for a cut-off.
 */
export class FreightCountdownField extends Component {
    static template = "freight_booking.FreightCountdownField";
    static props = { ...standardFieldProps, decorations: { type: Object, optional: true } };
    static defaultProps = { decorations: {} };

    setup() {
        this.state = useState({ now: DateTime.now() });
        const timer = setInterval(() => (this.state.now = DateTime.now()), MINUTE);
        onWillUnmount(() => clearInterval(timer));
    }

    get deadline() {
        return this.props.record.data[this.props.name];
    }

    get title() {
        return formatDateTime(this.deadline);
    }

    get text() {
        const minutes = Math.floor(this.deadline.diff(this.state.now).as("minutes"));
        if (minutes < 0) {
            return _t("%s ago", this.describe(-minutes));
        }
        return _t("in %s", this.describe(minutes));
    }

    describe(minutes) {
        const days = Math.floor(minutes / 1440);
        const hours = Math.floor((minutes % 1440) / 60);
        return days
            ? _t("%(days)s d %(hours)s h", { days, hours })
            : _t("%(hours)s h %(minutes)s min", { hours, minutes: minutes % 60 });
    }

    get textClass() {
        const context = this.props.record.evalContextWithVirtualIds;
        for (const [name, expression] of Object.entries(this.props.decorations)) {
            if (evaluateBooleanExpr(expression, context)) {
                return `text-${name} fw-bold`;
            }
        }
        return "";
    }
}

registry.category("fields").add("freight_countdown", {
    component: FreightCountdownField,
    supportedTypes: ["datetime"],
    extractProps: ({ decorations }) => ({ decorations }),
});
