import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The parallel tracks of a booking, a row of labelled dots each. Pointing at a dot tells
 * when it was taken or why it can't be, and by whom; a tap or Enter writes it below the bar.
 */
export class FreightTrackField extends Component {
    static template = "freight_booking.FreightTrackField";
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ label: "" });
    }

    get tracks() {
        return this.props.record.data[this.props.name] || [];
    }

    get opened() {
        return this.tracks
            .flatMap((track) => track.dots)
            .find((dot) => dot.label === this.state.label);
    }

    toggle(dot) {
        this.state.label = this.state.label === dot.label ? "" : dot.label;
    }
}

registry.category("fields").add("freight_track", {
    component: FreightTrackField,
    supportedTypes: ["json"],
});
