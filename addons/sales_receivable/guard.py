"""What guards of several models share: no database, no records of its own."""

DEFAULT = "default_"


def without_defaults(records, names):
    """Return records whose context gives no default for guarded fields.

    A ``default_…`` key of a caller's context would fill them behind the guards, which
    look at the values that are given.

    :param names: names of the guarded fields
    """
    context = {
        key: value
        for key, value in records.env.context.items()
        if not (key.startswith(DEFAULT) and key.removeprefix(DEFAULT) in names)
    }
    # Keys are taken away, which only a whole new context does.
    return records.with_context(context)  # pylint: disable=context-overridden
