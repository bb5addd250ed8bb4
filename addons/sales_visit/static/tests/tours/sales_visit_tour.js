import { registry } from "@web/core/registry";

function press(name, content) {
    return {
        content,
        trigger: `.o_form_view button[name='${name}']:enabled`,
        run: "click",
    };
}

function reached(state) {
    return {
        content: `The visit is ${state}`,
        // On a phone the status bar is one button that names the current state.
        trigger: `.o_statusbar_status button:visible:contains(${state})`,
    };
}

// On a phone the salesperson puts a customer who is due on the coming week, and asks for
// the approval of its plan.
registry.category("web_tour.tours").add("sales_visit_plan", {
    steps: () => [
        {
            content: "The month's pace",
            trigger: ".o_my_day_pace .o_my_day_callbacks .progress",
        },
        {
            content: "A customer is due",
            trigger: ".o_my_day_due button:contains(not planned)",
            run: "click",
        },
        {
            content: "Plan a visit",
            trigger: ".o_kanban_record:contains(A Tour Customer) button[name=action_plan_week]",
            run: "click",
        },
        {
            content: "It is on the week",
            trigger: ".o_notification:contains(Visits planned: 1)",
        },
        {
            content: "Nobody else is due",
            trigger: ".o_view_nocontent",
        },
        {
            content: "Back home",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "The plan of the week",
            trigger: ".o_sales_my_day button[name=plan_week]",
            run: "click",
        },
        press("action_request", "Ask for its approval"),
        reached("Waiting for Approval"),
    ],
});

// The manager decides about all that waits in one place.
registry.category("web_tour.tours").add("sales_visit_approve", {
    steps: () => [
        {
            content: "The plan that waits",
            trigger: ".o_kanban_record:contains(Week of) button[name=action_approve]",
            run: "click",
        },
        {
            content: "Nothing waits any more",
            trigger: ".o_view_nocontent:contains(Nothing waits)",
        },
    ],
});

// From home the salesperson goes, and submits the report.
registry.category("web_tour.tours").add("sales_visit_go", {
    steps: () => [
        {
            content: "Confirm today's appointment",
            trigger: ".o_my_day_visit:contains(A Tour Customer) button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Go",
            trigger: ".o_my_day_visit button[name=action_start]",
            run: "click",
        },
        {
            content: "Done",
            trigger: ".o_my_day_visit button[name=action_finish]",
            run: "click",
        },
        reached("To Report"),
        {
            content: "The banner says until when",
            trigger: ".alert-info:contains(Report due)",
        },
        {
            content: "The first required answer waits for its text",
            trigger: ".o_field_widget[name=outcome_id] input:focus",
        },
        {
            content: "Required answers are marked",
            trigger: ".o_form_label.o_visit_required[for^=summary]",
        },
        {
            content: "Other answers aren't",
            trigger: ".o_form_label:not(.o_visit_required)[for^=next_visit_date]",
        },
        {
            content: "How it went",
            trigger: ".o_field_widget[name=outcome_id] input",
            run: "click",
        },
        {
            content: "Choose the outcome",
            trigger: ".modal .o_kanban_record:contains(A tour outcome), .modal .o_data_cell:contains(A tour outcome)",
            run: "click",
        },
        {
            content: "What was said",
            trigger: ".o_field_widget[name=summary] textarea",
            run: "edit They renew for a year.",
        },
        {
            content: "They still need what they needed last time",
            trigger: ".o_visit_last_answer:contains(Twenty lamps) button",
            run: "click",
        },
        {
            content: "It is taken over",
            trigger: ".o_field_widget[name=needs] textarea:value(Twenty lamps)",
        },
        press("action_submit_report", "Submit"),
        reached("Reported"),
        {
            content: "In time",
            trigger: ".alert-success:contains(in time)",
        },
        {
            content: "The report is locked",
            trigger: ".o_field_widget[name=summary].o_readonly_modifier:contains(They renew)",
        },
    ],
});

// The manager opens what waits for review.
registry.category("web_tour.tours").add("sales_visit_review", {
    steps: () => [
        {
            content: "The report that waits",
            trigger: ".o_kanban_record:contains(A Tour Customer)",
            run: "click",
        },
        reached("Reported"),
        press("action_review", "Read"),
        reached("Reviewed"),
    ],
});

// At a desk the salesperson drags cards from step to step.
registry.category("web_tour.tours").add("sales_visit_drag", {
    steps: () => {
        const column = (state) =>
            `.o_kanban_group:has(.o_kanban_header:contains(${state}))`;
        const card = ".o_kanban_record:contains(A Tour Customer)";
        return [
            {
                content: "Put the draft on the plan",
                trigger: `${column("Draft")} ${card}`,
                run: `drag_and_drop(${column("Planned")})`,
            },
            {
                content: "The customer has confirmed",
                trigger: `${column("Planned")} ${card}`,
                run: `drag_and_drop(${column("Confirmed")})`,
            },
            {
                content: "Cancelling takes a reason",
                trigger: `${column("Confirmed")} ${card}`,
                run: `drag_and_drop(${column("Cancelled")})`,
            },
            {
                content: "Give it",
                trigger: ".modal .o_field_widget[name=reason] textarea",
                run: "edit The customer has moved away.",
            },
            {
                content: "Cancel the visit",
                trigger: ".modal button[name=action_apply]",
                run: "click",
            },
            {
                content: "It isn't open any more",
                trigger: `.o_kanban_renderer:not(:has(${card}))`,
            },
        ];
    },
});
