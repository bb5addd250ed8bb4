import { registry } from "@web/core/registry";

/** Click a button of a form's header, wherever the width of the window puts it. */
function header(name) {
    return { trigger: `.o_form_view .o_statusbar_buttons button[name='${name}']`, run: "click" };
}

function headline(label) {
    return { trigger: `.o_statusbar_status button.o_arrow_button_current:contains('${label}')` };
}

const openBooking = (name) => [
    { trigger: `.o_kanban_record:contains('${name}')`, run: "click" },
    { trigger: ".o_form_view .o_freight_track" },
];

/** The operator takes a booking from draft to on board. */
registry.category("web_tour.tours").add("freight_booking_operator", {
    steps: () => [
        ...openBooking("Toy Exports Co."),
        header("action_confirm_booking"),
        headline("Booked"),
        {
            content: "the S/O can't be received yet, and the banner says why",
            trigger: ".o_form_view .o_freight_guard:contains('F07'):contains('S/O number')",
        },
        {
            trigger: ".o_field_widget[name='carrier_booking_reference'] input",
            run: "edit COSU6100001234",
        },
        { trigger: ".o_field_widget[name='vessel_name'] input", run: "edit COSCO SHIPPING ARIES" },
        { trigger: ".o_field_widget[name='voyage'] input", run: "edit 031E" },
        {
            trigger: ".o_field_widget[name='equipment_ids'] .o_data_row td[name='confirmed_quantity']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='equipment_ids'] td[name='confirmed_quantity'] input",
            run: "edit 1",
        },
        header("action_receive_shipping_order"),
        headline("S/O Received"),
        { trigger: ".o_notebook_headers a[name='containers']", run: "click" },
        {
            trigger: ".o_field_widget[name='container_ids'] .o_data_row td[name='number']",
            run: "click",
        },
        {
            content: "a mistyped number is refused",
            trigger: ".o_field_widget[name='container_ids'] td[name='number'] input",
            run: "edit CSQU3054384",
        },
        header("action_pick_up"),
        {
            trigger: ".modal .modal-body:contains('check digit should be 3')",
        },
        { trigger: ".modal .modal-footer button", run: "click" },
        {
            trigger: ".o_field_widget[name='container_ids'] .o_data_row td[name='number']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='container_ids'] td[name='number'] input",
            run: "edit CSQU 305438-3",
        },
        {
            trigger: ".o_field_widget[name='container_ids'] td[name='seal_number'] input",
            run: "edit CN778899",
        },
        {
            trigger: ".o_field_widget[name='container_ids'] td[name='vgm_weight'] input",
            run: "edit 21400",
        },
        {
            trigger: ".o_field_widget[name='container_ids'] td[name='vgm_method'] input",
            run: "click",
        },
        { trigger: ".o_select_menu_item:contains('SM1')", run: "click" },
        {
            content: "the choice is taken before the row is left",
            trigger: ".o_field_widget[name='container_ids'] td[name='vgm_method'] input:value('SM1')",
        },
        { trigger: ".o_form_view .oe_title", run: "click" },
        {
            content: "the row was left with all that was typed",
            trigger:
                ".o_field_widget[name='container_ids'] .o_data_row:has(td[name='vgm_weight']:contains('21,400')) td[name='vgm_method']:contains('SM1')",
        },
        header("action_pick_up"),
        headline("Picked Up"),
        header("action_return_laden"),
        headline("Returned Laden"),
        header("action_on_board"),
        headline("On Board"),
        {
            content: "every dot of the equipment track is done",
            trigger: ".o_freight_dot_done[data-label='On Board']",
        },
        {
            content: "a dot to come says by whom, in words that need no pointing device",
            trigger: "button.o_freight_dot[data-label='B/L drafted']",
            run: "click",
        },
        { trigger: ".o_freight_track_text:contains('Freight Documents')" },
    ],
});

/** Documents draws up and approves the bill. */
registry.category("web_tour.tours").add("freight_booking_documents", {
    steps: () => [
        ...openBooking("Toy Exports Co."),
        header("action_create_bill"),
        { trigger: ".o_form_view button[name='action_approve']:visible", run: "click" },
        headline("Approved"),
    ],
});

/** Settlement is refused the release, bills, is refused again. */
registry.category("web_tour.tours").add("freight_booking_settlement_refused", {
    steps: () => [
        { trigger: ".o_data_row td[name='name']:contains('HBL')", run: "click" },
        {
            trigger: ".o_form_view .o_freight_guard:contains('F18'):contains('not billed yet')",
        },
        header("action_release"),
        { trigger: ".modal .modal-body:contains('not billed yet')" },
        { trigger: ".modal .modal-footer button", run: "click" },
        { trigger: ".oe_stat_button[name='action_view_booking']", run: "click" },
        header("action_create_debit_note"),
        {
            trigger: ".o_field_widget[name='invoice_line_ids']:contains('Ocean Freight')",
        },
        { trigger: "button[name='action_post']:visible", run: "click" },
        { trigger: ".o_statusbar_status button.o_arrow_button_current:contains('Posted')" },
    ],
});

/** The money has come: settlement releases. */
registry.category("web_tour.tours").add("freight_booking_settlement_release", {
    steps: () => [
        { trigger: ".o_data_row td[name='name']:contains('HBL')", run: "click" },
        { trigger: ".o_form_view:not(:has(.o_freight_guard)) button[name='action_release']", run: "click" },
        headline("Released"),
    ],
});
