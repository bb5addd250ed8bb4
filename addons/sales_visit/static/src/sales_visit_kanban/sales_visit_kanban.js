import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { recordPresence } from "../sales_visit_form/presence";

/** Takes the step that leads to the column on which a visit is dropped. */
class VisitKanbanRenderer extends kanbanView.Renderer {
    setup() {
        super.setup();
        this.action = useService("action");
        this.orm = useService("orm");
        this.notification = useService("notification");
    }

    get isGroupedByState() {
        return this.props.list.groupByField?.name === "state";
    }

    get canMoveRecords() {
        return this.isGroupedByState ? this.canResequenceRecords : super.canMoveRecords;
    }

    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const { list } = this.props;
        const targetId = params.parent?.dataset.id;
        if (!this.isGroupedByState || !targetId || targetId === dataGroupId) {
            return super.sortRecordDrop(dataRecordId, dataGroupId, params);
        }
        params.parent.classList.remove("o_kanban_hover");
        const record = list.records.find(({ id }) => id === dataRecordId);
        const target = list.groups.find(({ id }) => id === targetId);
        if (record && target) {
            await this.takeStep(record.resId, target.value, dataRecordId);
        }
    }

    async takeStep(visitId, state, dataRecordId) {
        this.toggleProcessing(dataRecordId, true);
        try {
            const action = await this.orm.call("sales.visit", "action_move_to", [
                [visitId],
                state,
            ]);
            if (action !== true) {
                await this.action.doAction(action, { onClose: () => this.props.list.load() });
                return;
            }
            recordPresence(visitId, this.orm, this.notification);
            await this.props.list.load();
        } finally {
            this.toggleProcessing(dataRecordId, false);
        }
    }
}

registry.category("views").add("sales_visit_kanban", {
    ...kanbanView,
    Renderer: VisitKanbanRenderer,
});
