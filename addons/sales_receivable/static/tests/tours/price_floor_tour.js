import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("sales_receivable_ask", {
    steps: () => [
        {
            content: "The banner names rule, figures and person",
            trigger: ".alert-warning:contains('A02 Price floor'):contains('8.10'):contains('vice president')",
        },
        {
            content: "Try to confirm",
            trigger: "button[name='action_confirm']:visible",
            run: "click",
        },
        {
            content: "The refusal says the same",
            trigger: ".o_error_dialog .modal-body:contains('A02 Price floor'), .modal-body:contains('can be released by')",
        },
        {
            trigger: ".modal-footer button:visible",
            run: "click",
        },
        {
            content: "Ask",
            trigger: "body:not(:has(.modal)) button[name='action_authority_request']:visible",
            run: "click",
        },
        {
            content: "It waits",
            trigger: ".alert-info:contains('waiting since')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_receivable_approve", {
    steps: () => [
        {
            content: "The question is in the inbox",
            trigger: ".o_data_row:contains('net 8.10') .o_data_cell[name='res_name']",
            run: "click",
        },
        {
            content: "The document can be read",
            trigger: "button[name='action_open_document']",
            run: "click",
        },
        {
            trigger: ".alert-info:contains('Price floor') button[name='action_authority_approve']:visible",
        },
        {
            content: "Back to the request",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item:last a",
            run: "click",
        },
        {
            content: "Approve",
            trigger: ".o_form_view button[name='action_approve']:visible",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value='approved'], .o_statusbar_status button.o_arrow_button_current:contains('Approved')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_receivable_confirm", {
    steps: () => [
        {
            trigger: ".alert-success:contains('approved by')",
        },
        {
            content: "Confirm",
            trigger: "button[name='action_confirm']:visible",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current[data-value='sale'], .o_arrow_button_current:contains('Sales Order')",
        },
    ],
});
