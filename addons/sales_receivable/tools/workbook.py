"""Workbooks of tables with totals, written row by row in constant memory (K11).

Needs no database: whoever writes a sheet hands in titles, columns and rows.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

WIDTHS = {"text": 28, "date": 12, "money": 16, "quantity": 12, "integer": 10}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    ``kind``: text, date, money, quantity or integer. ``total``: summed below the
    table. ``sum_of``: number of columns to the left that make up this one, as formula.
    """

    title: str
    kind: str = "text"
    total: bool = False
    sum_of: int = 0
    width: int = 0


@dataclass(frozen=True)
class Chart:
    """A chart below a table: one column's values over another one's names."""

    title: str
    names: int
    values: int
    kind: str = "column"


@dataclass(frozen=True)
class Table:
    """What a sheet shows: a title, notes below it, columns, rows and their totals.

    ``rows`` is an iterable of value lists, one value per column; the value of a
    ``sum_of`` column is ignored.
    """

    title: str
    notes: list[str]
    columns: list[Column]
    rows: Iterable
    total_label: str
    chart: Chart | None = None

    @property
    def head(self):
        """Return the row of the column titles: title, notes and a blank come first."""
        return len(self.notes) + 2


class Workbook:
    """A workbook in memory; ``getvalue()`` closes it and returns its bytes."""

    def __init__(self, digits=2):
        self._buffer = io.BytesIO()
        # A customer named "=1+1" stays a text, whatever the cell's first character.
        self._book = xlsxwriter.Workbook(
            self._buffer,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self._digits = digits
        self._names = set()
        money = "#,##0" + ("." + "0" * digits if digits else "")
        self._number_formats = {
            "text": "@",
            "date": "yyyy-mm-dd",
            "money": money,
            "quantity": "#,##0.###",
            "integer": "0",
        }
        self._formats = {
            kind: self._book.add_format({"num_format": number_format})
            for kind, number_format in self._number_formats.items()
        }
        self._totals = {
            kind: self._book.add_format(
                {"num_format": number_format, "bold": True, "top": 1}
            )
            for kind, number_format in self._number_formats.items()
        }
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._head = self._book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#EEEEEE"}
        )

    def write_table(self, name, table):
        """Write a sheet and return the number of its rows.

        :param str name: sheet name; made valid and unique
        :param Table table: what to write
        """
        sheet = self._book.add_worksheet(self._get_name(name))
        self._set_up(sheet, table)
        sheet.write_string(0, 0, table.title, self._title)
        for index, note in enumerate(table.notes, 1):
            sheet.write_string(index, 0, note)
        for col, column in enumerate(table.columns):
            sheet.write_string(table.head, col, column.title, self._head)
        sums = [Decimal(0)] * len(table.columns)
        row = table.head
        for row, values in enumerate(table.rows, table.head + 1):
            self._write_row(sheet, row, table.columns, values, sums)
        self._write_totals(sheet, row, table, sums)
        if row > table.head:
            sheet.autofilter(table.head, 0, row, len(table.columns) - 1)
            if table.chart:
                self._insert_chart(sheet, row, table)
        return row - table.head

    def getvalue(self):
        """Close the workbook and return its content."""
        self._book.close()
        return self._buffer.getvalue()

    def _insert_chart(self, sheet, last, table):
        """Put the table's chart below its totals."""
        first, name = table.head + 1, sheet.get_name()
        chart = self._book.add_chart({"type": table.chart.kind})
        chart.add_series(
            {
                "name": table.columns[table.chart.values].title,
                "categories": [name, first, table.chart.names, last, table.chart.names],
                "values": [name, first, table.chart.values, last, table.chart.values],
            }
        )
        chart.set_title({"name": table.chart.title})
        chart.set_legend({"none": True})
        sheet.insert_chart(last + 3, 0, chart)

    def _get_name(self, name):
        base = "".join("-" if char in r"[]:*?/\'" else char for char in name)[:28]
        unique, number = base, 1
        while unique.lower() in self._names:
            number += 1
            unique = f"{base} {number}"
        self._names.add(unique.lower())
        return unique

    def _set_up(self, sheet, table):
        for col, column in enumerate(table.columns):
            sheet.set_column(col, col, column.width or WIDTHS[column.kind])
        sheet.freeze_panes(table.head + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(table.head)
        sheet.set_footer("&L&A&R&P / &N")

    def _write_row(self, sheet, row, columns, values, sums):
        amounts = []
        for col, (column, given) in enumerate(zip(columns, values, strict=True)):
            style = self._formats[column.kind]
            value = given
            if column.sum_of:
                value = float(sum(amounts[-column.sum_of :]))
                first = xl_rowcol_to_cell(row, col - column.sum_of)
                last = xl_rowcol_to_cell(row, col - 1)
                sheet.write_formula(row, col, f"=SUM({first}:{last})", style, value)
            elif value is None or value is False or value == "":
                sheet.write_blank(row, col, None, style)
            elif column.kind == "date":
                sheet.write_datetime(row, col, value, style)
            elif column.kind == "text":
                sheet.write_string(row, col, str(value), style)
            else:
                sheet.write_number(row, col, float(value), style)
            amount = self._as_decimal(column, value)
            amounts.append(amount)
            sums[col] += amount

    def _as_decimal(self, column, value):
        if column.kind in ("text", "date") or not value:
            return Decimal(0)
        if column.kind == "money":
            return Decimal(f"{value:.{self._digits}f}")
        return Decimal(str(value))

    def _write_totals(self, sheet, last, table, sums):
        for col, column in enumerate(table.columns):
            style = self._totals[column.kind]
            if (column.total or column.sum_of) and last > table.head:
                name = xl_col_to_name(col)
                formula = f"=SUM({name}{table.head + 2}:{name}{last + 1})"
                sheet.write_formula(last + 1, col, formula, style, float(sums[col]))
            elif col == 0:
                sheet.write_string(last + 1, col, table.total_label, style)
            else:
                sheet.write_blank(last + 1, col, None, style)
