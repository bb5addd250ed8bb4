import { Field } from "@web/views/fields/field";

/** A field with the customer's answer of the last report in grey under it, one tap from
 *  being taken over. */
export class VisitField extends Field {
    static template = "sales_visit.VisitField";

    get last() {
        const { record, name } = this.props;
        return record.data.last_answers?.answers?.[name] || null;
    }

    get day() {
        return this.props.record.data.last_answers.day;
    }

    get canTakeOver() {
        const { record, name } = this.props;
        const value = record.data[name];
        const answered = Array.isArray(value?.records) ? value.count > 0 : Boolean(value);
        return !answered && this.last.value !== null && !this.fieldComponentProps.readonly;
    }

    async takeOver() {
        const { record, name } = this.props;
        const { value, text } = this.last;
        const type = record.fields[name].type;
        if (type === "many2many") {
            await record.data[name].addAndRemove({ add: value });
        } else if (type === "many2one") {
            await record.update({ [name]: { id: value[0], display_name: text } });
        } else {
            await record.update({ [name]: value });
        }
    }
}
