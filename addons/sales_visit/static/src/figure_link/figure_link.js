import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A figure that opens what it counts. */
export class FigureLink extends Component {
    static template = "sales_visit.FigureLink";
    static props = { ...standardFieldProps, method: String };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        return formatFloat(this.value, { digits: [16, 0] });
    }

    async open() {
        const { resModel, resId } = this.props.record;
        return this.action.doAction(
            await this.orm.call(resModel, this.props.method, [[resId]])
        );
    }
}

registry.category("fields").add("sales_visit_figure_link", {
    component: FigureLink,
    supportedTypes: ["integer", "float"],
    extractProps: ({ options }) => ({ method: options.method }),
});
