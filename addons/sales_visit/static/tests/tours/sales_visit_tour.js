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

// On a phone the salesperson plans a visit, goes, and submits the report.
registry.category("web_tour.tours").add("sales_visit_salesperson", {
    steps: () => [
        {
            content: "A new visit",
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            content: "At this customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "click",
        },
        {
            content: "Choose the customer",
            trigger: ".modal .o_kanban_record:contains(A Tour Customer)",
            run: "click",
        },
        {
            content: "A free slot is suggested",
            trigger: ".o_field_widget[name=planned_start] button:visible:contains(:), .o_field_widget[name=planned_start] input:visible:value(/:/)",
        },
        {
            content: "Say what for",
            trigger: ".o_field_widget[name=objective] input",
            run: "edit Yearly contract",
        },
        press("action_plan", "Put it on the plan"),
        reached("Planned"),
        press("action_confirm", "The customer has confirmed"),
        reached("Confirmed"),
        press("action_start", "Here we go"),
        reached("In Progress"),
        press("action_finish", "Done"),
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
registry.category("web_tour.tours").add("sales_visit_manager", {
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

// The home of the addon: what is due, and today's visit taken one step further.
registry.category("web_tour.tours").add("sales_visit_my_day", {
    steps: () => [
        {
            content: "The month's pace",
            trigger: ".o_my_day_pace .progress",
        },
        {
            content: "A customer is due",
            trigger: ".o_my_day_due button:contains(not planned)",
        },
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
    ],
});
