import { onMounted, status, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormLabel } from "@web/views/form/form_label";
import { formView } from "@web/views/form/form_view";
import { VisitField } from "./last_answer";
import { recordPresence } from "./presence";

function getRequired(record) {
    return (record.data.required_answers || "").split(",").filter(Boolean);
}

function isAnswered(record, name) {
    const value = record.data[name];
    return Array.isArray(value?.records) ? value.records.length > 0 : Boolean(value);
}

/** Marks the answers that the type of the visit requires. */
class VisitFormLabel extends FormLabel {
    get className() {
        const required = getRequired(this.props.record).includes(this.props.fieldName);
        return required ? `${super.className} o_visit_required` : super.className;
    }
}

/** Opens the report at the first required answer that is missing when the visit ends. */
class VisitFormRenderer extends formView.Renderer {
    static components = {
        ...formView.Renderer.components,
        Field: VisitField,
        FormLabel: VisitFormLabel,
    };

    setup() {
        super.setup();
        const orm = useService("orm");
        const notification = useService("notification");
        let lastId = this.props.record.resId;
        let lastState = this.props.record.data.state;
        useEffect(
            (state, id) => {
                // The pager shows another visit, whose state hasn't changed.
                if (id && id === lastId && lastState !== state) {
                    recordPresence(id, orm, notification).then(
                        (found) => found && this.showPresence(id)
                    );
                }
                lastId = id;
                if (lastState === "in_progress" && state === "to_report") {
                    this.focusMissingAnswer();
                }
                lastState = state;
            },
            () => [this.props.record.data.state, this.props.record.resId]
        );
        onMounted(() => {
            // My Day has finished the visit and opens its report.
            const { context, data } = this.props.record;
            if (context.sales_visit_finished && data.state === "to_report") {
                this.focusMissingAnswer();
            }
        });
    }

    /** Shows what has become of the presence, unless that would lose what is being typed. */
    async showPresence(id) {
        const { record } = this.props;
        if (status(this) === "mounted" && record.resId === id && !(await record.isDirty())) {
            await record.load();
        }
    }

    async focusMissingAnswer() {
        const { record, archInfo } = this.props;
        const name = getRequired(record).find((field) => !isAnswered(record, field));
        if (!name) {
            return;
        }
        const page = archInfo.xmlDoc
            .querySelector(`field[name="${name}"]`)
            ?.closest("page")
            ?.getAttribute("name");
        document
            .querySelector(`.o_sales_visit_form .o_notebook .nav-link[name="${page}"]`)
            ?.click();
        await new Promise((resolve) => requestAnimationFrame(resolve));
        document
            .querySelector(`.o_sales_visit_form .o_field_widget[name="${name}"]`)
            ?.querySelector("input, textarea, select, button")
            ?.focus();
    }
}

registry.category("views").add("sales_visit_form", {
    ...formView,
    Renderer: VisitFormRenderer,
});
