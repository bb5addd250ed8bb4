import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The parallel tracks of a booking as rows of dots. Hovering a dot tells what it says;
 * a tap writes it below the bar, where there is no hovering.
 */
export class FreightTrackField extends Component {
    static template = "freight_booking.FreightTrackField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ text: "" });
    }

    get tracks() {
        return this.props.record.data[this.props.name] || [];
    }

    toggle(dot) {
        this.state.text = this.state.text === dot.text ? "" : dot.text;
    }
}

registry.category("fields").add("freight_track", {
    component: FreightTrackField,
    supportedTypes: ["json"],
});
