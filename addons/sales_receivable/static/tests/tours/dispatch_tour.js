import { registry } from "@web/core/registry";

/** The warehouse is refused and asks; the sales manager approves; the goods leave (A11). */
registry.category("web_tour.tours").add("sales_receivable_dispatch_ask", {
    steps: () => [
        {
            content: "The banner says what is to be approved, and by whom",
            trigger: ".alert-warning:contains('A11 Dispatch gate'):contains('project manager')",
        },
        {
            content: "Check the goods",
            trigger: "button[name='action_dispatch_check']:visible",
            run: "click",
        },
        {
            content: "Try to validate",
            trigger:
                ".o_form_view:not(:has(button[name='action_dispatch_check'])) button[name='button_validate']:visible",
            run: "click",
        },
        {
            content: "The refusal says the same",
            trigger: ".modal-body:contains('can be released by Project Manager')",
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

registry.category("web_tour.tours").add("sales_receivable_dispatch_approve", {
    steps: () => [
        {
            content: "The question is in the inbox",
            trigger: ".o_data_row:contains('dispatch note') .o_data_cell[name='res_name']",
            run: "click",
        },
        {
            content: "The delivery can be read",
            trigger: "button[name='action_open_document']",
            run: "click",
        },
        {
            trigger:
                ".alert-info:contains('Dispatch gate') button[name='action_authority_approve']:visible",
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
            trigger:
                ".o_arrow_button_current[data-value='approved'], .o_statusbar_status button.o_arrow_button_current:contains('Approved')",
        },
    ],
});

registry.category("web_tour.tours").add("sales_receivable_dispatch_validate", {
    steps: () => [
        {
            trigger: ".alert-success:contains('Approved by')",
        },
        {
            content: "Validate",
            trigger: "button[name='button_validate']:visible",
            run: "click",
        },
        {
            trigger:
                ".o_arrow_button_current[data-value='done'], .o_arrow_button_current:contains('Done')",
        },
    ],
});
