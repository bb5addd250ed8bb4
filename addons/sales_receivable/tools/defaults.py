"""What new records will take, whoever says it."""


def get_new_values(model, name, vals_list):
    """Return the set of values, ids of records for instance, that new records may take
    for a field: as given, or else by a default of the context or of the user.

    :param model: recordset of the model
    :param str name: field
    :param vals_list: as ``create`` takes it
    """
    values = {vals[name] for vals in vals_list if name in vals}
    if any(name not in vals for vals in vals_list):
        values |= {
            model.env.context.get(f"default_{name}"),
            model.env["ir.default"]._get_model_defaults(model._name).get(name),
        }
    return values - {None, False}
