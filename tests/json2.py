"""A client of the host's JSON API, as another program of the company would use it."""

import json
import urllib.error
import urllib.request


class Refused(Exception):
    """The server refused a call; ``status`` 422 = business, 403 = access."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Client:
    """Calls methods as one user.

    :param str url: of the server
    :param str key: API key of the user
    """

    def __init__(self, url, key):
        self.url = url
        self.key = key

    def call(self, model, method, **arguments):
        """Return the result of a public method; ids and context are arguments, too."""
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            data=json.dumps(arguments).encode(),
            headers={
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            try:
                text = json.loads(text).get("message") or text
            except ValueError:
                pass
            raise Refused(error.code, text) from None

    def create(self, model, **values):
        """Create one record; return its id."""
        (record_id,) = self.call(model, "create", vals_list=[values])
        return record_id

    def write(self, model, record_id, **values):
        return self.call(model, "write", ids=[record_id], vals=values)

    def read(self, model, record_id, *names):
        """Return the named fields of one record."""
        (values,) = self.call(model, "read", ids=[record_id], fields=list(names))
        return values

    def search(self, model, domain, *names, **options):
        """Return the named fields of the records that a domain finds."""
        return self.call(
            model, "search_read", domain=domain, fields=[*(names or ("id",))], **options
        )
