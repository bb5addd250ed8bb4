import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

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

registry.category("views").add("ageing_graph", { ...graphView, Model: AgeingGraphModel });
