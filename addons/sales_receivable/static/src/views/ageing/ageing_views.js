import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

/** Shows empty buckets, too: that nothing is older than 90 days is an answer. */
export class AgeingGraphModel extends GraphModel {
    /** @override */
    _getProcessedDataPoints() {
        const { mode, order } = this.metaData;
        if (mode === "bar" && order === null) {
            return this.dataPoints;
        }
        return super._getProcessedDataPoints();
    }
}

/** Opens the choice of day that the list offers in its header. */
function chooseDay({ actionService, env, model }) {
    return actionService.doActionButton({
        type: "object",
        name: "action_choose_day",
        resModel: model.metaData.resModel,
        resIds: [],
        context: { ...model.searchParams.context, view_type: env.config.viewType },
    });
}

export class AgeingGraphRenderer extends GraphRenderer {
    onChooseDay() {
        return chooseDay(this);
    }
}

export class AgeingPivotRenderer extends PivotRenderer {
    onChooseDay() {
        return chooseDay(this);
    }
}

registry.category("views").add("ageing_graph", {
    ...graphView,
    Model: AgeingGraphModel,
    Renderer: AgeingGraphRenderer,
    buttonTemplate: "sales_receivable.AgeingGraphView.Buttons",
});
registry.category("views").add("ageing_pivot", {
    ...pivotView,
    Renderer: AgeingPivotRenderer,
    buttonTemplate: "sales_receivable.AgeingPivotView.Buttons",
});
