import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const { DateTime } = luxon;
const asOf = DateTime.now().minus({ days: 30 });
const lastMonth = DateTime.now().minus({ months: 1 }).startOf("month");

/**
 * Finance looks at the receivables of a month ago and at the stock's age, and computes
 * last month's deductions (R03, K03, K10).
 */
registry.category("web_tour.tours").add("sales_receivable_ledger", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='sales_receivable.menu_root']",
            run: "click",
        },
        {
            content: "Open the receivables menu",
            trigger: "[data-menu-xmlid='sales_receivable.menu_receivables']",
            run: "click",
        },
        {
            content: "Open the ageing",
            trigger: "[data-menu-xmlid='sales_receivable.menu_receivable_ageing']",
            run: "click",
        },
        {
            content: "Today the invoice is 40 days over",
            trigger:
                ".o_data_row:contains('Tour Customer') td[name='days_overdue']:contains('40')",
        },
        {
            content: "Choose another day",
            trigger: "button[name='action_choose_day']",
            run: "click",
        },
        {
            content: "A month ago",
            trigger: ".modal .o_field_widget[name='as_of'] button, .modal .o_field_widget[name='as_of'] input",
            run: "click",
        },
        {
            content: "Type the day",
            trigger: ".modal .o_field_widget[name='as_of'] input",
            run: `edit ${asOf.toFormat("MM/dd/yyyy")}`,
        },
        {
            content: "Open the report as of that day",
            trigger: ".modal button[name='action_open']",
            run: "click",
        },
        {
            content: "Then it was 10 days over",
            trigger:
                ".o_data_row:contains('Tour Customer') td[name='days_overdue']:contains('10')",
        },
        {
            content: "Look at it by bucket",
            trigger: ".o_switch_view.o_pivot",
            run: "click",
        },
        {
            content: "The pivot keeps the day",
            trigger: ".o_pivot th:contains('8–15 days')",
        },
        {
            content: "Choose the day from the pivot",
            trigger: ".o_pivot_view .o_choose_day",
            run: "click",
        },
        {
            content: "It starts from the day on screen",
            trigger: `.modal .o_field_widget[name='as_of']:contains('${asOf.toFormat("d, yyyy")}'), .modal .o_field_widget[name='as_of'] input:value('${asOf.toFormat("MM/dd/yyyy")}')`,
        },
        {
            content: "Back to it",
            trigger: ".modal button[name='action_open']",
            run: "click",
        },
        {
            content: "The pivot is still a pivot",
            trigger: "body:not(:has(.modal)) .o_pivot th:contains('8–15 days')",
        },
        {
            content: "Look at it as a graph",
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            content: "The day can be chosen there, too",
            trigger: ".o_graph_view .o_choose_day",
        },
        {
            content: "Open the stock age menu",
            trigger: "[data-menu-xmlid='sales_receivable.menu_stock_age']",
            run: "click",
        },
        {
            content: "Compute the stock age",
            trigger: "[data-menu-xmlid='sales_receivable.menu_stock_age_as_of']",
            run: "click",
        },
        {
            content: "As of today",
            trigger: ".modal button[name='action_open']",
            run: "click",
        },
        {
            content: "There it is, with its buyer",
            trigger: ".o_data_row:contains('Old Bracket'):contains('Ms Buyer')",
        },
        {
            content: "Open the performance menu",
            trigger: "[data-menu-xmlid='sales_receivable.menu_performance']",
            run: "click",
        },
        {
            content: "Open the periods",
            trigger: "[data-menu-xmlid='sales_receivable.menu_performance_periods']",
            run: "click",
        },
        {
            content: "Add last month",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Choose the month",
            trigger: ".o_field_widget[name='date_start'] button, .o_field_widget[name='date_start'] input",
            run: "click",
        },
        {
            content: "Type the month",
            trigger: ".o_field_widget[name='date_start'] input",
            run: `edit ${lastMonth.toFormat("MM/dd/yyyy")}`,
        },
        ...stepUtils.saveForm(),
        {
            content: "Compute",
            trigger: "button[name='action_compute']:contains('Compute'):not(:contains('Again'))",
            run: "click",
        },
        {
            content: "The buyer's total",
            trigger: ".o_field_widget[name='statement_ids'] .o_data_row:contains('150.00')",
        },
        {
            content: "Open the lines behind it",
            trigger:
                ".o_field_widget[name='statement_ids'] .o_data_row button[name='action_view_lines']",
            run: "click",
        },
        {
            content: "The line explains itself",
            trigger: ".o_data_row td[name='explanation']:contains('150.00 USD off = 1.00 % of 15,000.00 USD')",
        },
    ],
});
