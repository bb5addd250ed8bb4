import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openPerformance = (menu) => [
    stepUtils.showAppsMenuItem(),
    {
        content: "Open the app",
        trigger: ".o_app[data-menu-xmlid='sales_receivable.menu_root']",
        run: "click",
    },
    {
        content: "Open the performance menu",
        trigger: "[data-menu-xmlid='sales_receivable.menu_performance']",
        run: "click",
    },
    {
        content: "Open its list",
        trigger: `[data-menu-xmlid='sales_receivable.${menu}']`,
        run: "click",
    },
];

const openPeriod = (state) => [
    ...openPerformance("menu_performance_periods"),
    {
        content: "Open the month",
        trigger: `.o_data_row:contains('${state}') td[name='display_name']`,
        run: "click",
    },
];

const take = (button, state) => [
    {
        content: "Take the step",
        trigger: `.o_form_view button[name='${button}']:not(.d-none)`,
        run: "click",
    },
    {
        content: "It is taken",
        trigger: `.o_form_view .o_arrow_button_current:contains('${state}')`,
    },
];

/** Finance computes and reviews a month (K10). */
registry.category("web_tour.tours").add("sales_receivable_closing_review", {
    steps: () => [
        ...openPeriod("Open"),
        ...take("action_compute", "Computed"),
        {
            content: "Everybody's total is there",
            trigger: ".o_field_widget[name='statement_ids'] .o_data_row:contains('-150.00')",
        },
        ...take("action_review", "Reviewed"),
        {
            content: "Who still may answer holds up the approval",
            trigger: ".alert-warning:contains('may still answer')",
        },
    ],
});

/** The person concerned looks at the statement and agrees (K10). */
registry.category("web_tour.tours").add("sales_receivable_closing_answer", {
    steps: () => [
        ...openPerformance("menu_performance_statements"),
        {
            content: "Open one's own statement",
            trigger: ".o_data_row td[name='beneficiary_id']",
            run: "click",
        },
        {
            content: "What was taken off for old stock",
            trigger: ".o_form_view .o_field_widget[name='stock_age']:contains('150.00')",
        },
        {
            content: "Agree",
            trigger: "button[name='action_acknowledge']",
            run: "click",
        },
        {
            content: "It is noted",
            trigger: ".o_field_widget[name='answer']:contains('Acknowledged')",
        },
    ],
});

/** The company manager approves (K10). */
registry.category("web_tour.tours").add("sales_receivable_closing_approve", {
    steps: () => [...openPeriod("Reviewed"), ...take("action_approve", "Approved")],
});

/** Finance closes the month and verifies it (K10, X07). */
registry.category("web_tour.tours").add("sales_receivable_closing_close", {
    steps: () => [
        ...openPeriod("Approved"),
        {
            content: "Close",
            trigger: ".o_form_view button[name='action_close']",
            run: "click",
        },
        {
            content: "For good",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is closed",
            trigger: ".o_form_view .o_arrow_button_current:contains('Closed')",
        },
        {
            content: "Verify",
            trigger: "button[name='action_verify']",
            run: "click",
        },
        {
            content: "Everything adds up",
            trigger: ".modal .alert-success:contains('Everything adds up')",
        },
    ],
});
