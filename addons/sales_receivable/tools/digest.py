"""Digests of business values, by which it shows whether they are still the same."""

import hashlib
import json


def get_digest(content):
    """Return the SHA-256 over JSON-able values, the same for the same business values."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
