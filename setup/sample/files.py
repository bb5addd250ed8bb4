"""The files of ``data/``: what to import where, and the steps of the story."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import clock

# 30_sale.order-quotations@zh_CN.csv: number, model, what it is about, language
NAME = re.compile(
    r"^(?P<number>\d+)_(?P<model>[a-z_.]+?)(?:-(?P<about>[a-z_]+))?"
    r"(?:@(?P<lang>[a-z]+_[A-Z]+))?\.csv$"
)
# Columns that steer the loading; the host's import doesn't know them.
STEERING = ("at", "by", "company")


@dataclass(eq=False)
class File:
    """One CSV file. A record is its first row with the rows that continue it."""

    path: Path
    model: str
    about: str | None
    lang: str | None
    header: list
    records: list = field(default_factory=list)

    @property
    def name(self):
        return self.path.stem

    @property
    def columns(self):
        """The host's import columns."""
        return [name for name in self.header if name not in self._steering]

    @property
    def _steering(self):
        # Settings are saved, not kept: they have no external ID.
        return (*STEERING, "id") if self.model == "res.config.settings" else STEERING

    @property
    def is_dated(self):
        return "at" in self.header

    def rows(self, records, today):
        """Return the host's import rows of some records, moments made dates."""
        keep = [i for i, name in enumerate(self.header) if name not in self._steering]
        return [
            [plain(row[i], today) for i in keep] for record in records for row in record
        ]

    def cell(self, record, name):
        """Return what the first row of a record says in a column, or ``""``."""
        return record[0][self.header.index(name)] if name in self.header else ""


def plain(value, today):
    """Return a cell as the host's import reads it."""
    if not clock.is_moment(value):
        return value
    moment = clock.parse(value, today)
    return moment.isoformat(sep=" ") if hasattr(moment, "hour") else str(moment)


def read(path):
    """Read a file named as :data:`NAME` says.

    :raises ValueError: name or contents aren't as expected
    """
    match = NAME.match(path.name)
    if not match:
        raise ValueError(f"{path.name}: not named NN_model[-about][@lang].csv")
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    file = File(path, match["model"], match["about"], match["lang"], header)
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise ValueError(f"{path.name}:{number}: {len(row)} cells")
        if file.cell([row], "id"):
            file.records.append([row])
        elif file.records:
            file.records[-1].append(row)
        else:
            raise ValueError(f"{path.name}:{number}: continues no record")
    return file


def read_all(folder):
    """Read every numbered file of a folder in order."""
    return [read(path) for path in sorted(folder.glob("[0-9]*.csv"))]
