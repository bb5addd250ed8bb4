"""Where a contact is, the same in every language."""

TEXTS = ("street", "street2", "city", "zip")
RECORDS = ("state_id", "country_id")
PLACE_FIELDS = TEXTS + RECORDS


def get_place(partner):
    """Return where a contact is, JSON-able: texts, then ids."""
    return [
        *((partner[name] or "").strip() for name in TEXTS),
        *(partner[name].id for name in RECORDS),
    ]
