"""Workbooks of tables with totals, written row by row in constant memory (K11).

Needs no database: whoever writes a sheet hands in titles, columns and rows.
"""

import io
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

    def write_table(self, name, title, notes, columns, rows, total_label):
        """Write a sheet: title, notes, header, rows, and totals that add up the rows.

        :param str name: sheet name; made valid and unique
        :param list notes: lines below the title
        :param list columns: of :class:`Column`
        :param rows: iterable of value lists, one value per column (a ``sum_of``
            column's value is ignored)
        :return: number of rows written
        """
        sheet = self._book.add_worksheet(self._get_name(name))
        self._set_up(sheet, columns, head=len(notes) + 2)
        sheet.write_string(0, 0, title, self._title)
        for index, note in enumerate(notes, 1):
            sheet.write_string(index, 0, note)
        head = len(notes) + 2
        for col, column in enumerate(columns):
            sheet.write_string(head, col, column.title, self._head)
        sums = [Decimal(0)] * len(columns)
        count = 0
        for count, values in enumerate(rows, 1):  # noqa: B007 - the number of rows
            self._write_row(sheet, head + count, columns, values, sums)
        self._write_totals(sheet, head, count, columns, sums, total_label)
        if count:
            sheet.autofilter(head, 0, head + count, len(columns) - 1)
        return count

    def getvalue(self):
        """Close the workbook and return its content."""
        self._book.close()
        return self._buffer.getvalue()

    def _get_name(self, name):
        base = "".join("-" if char in r"[]:*?/\'" else char for char in name)[:28]
        unique, number = base, 1
        while unique.lower() in self._names:
            number += 1
            unique = f"{base} {number}"
        self._names.add(unique.lower())
        return unique

    def _set_up(self, sheet, columns, head):
        for col, column in enumerate(columns):
            sheet.set_column(col, col, column.width or WIDTHS[column.kind])
        sheet.freeze_panes(head + 1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(head)
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

    def _write_totals(self, sheet, head, count, columns, sums, label):
        row = head + count + 1
        for col, column in enumerate(columns):
            style = self._totals[column.kind]
            if (column.total or column.sum_of) and count:
                name = xl_col_to_name(col)
                formula = f"=SUM({name}{head + 2}:{name}{head + count + 1})"
                sheet.write_formula(row, col, formula, style, float(sums[col]))
            elif col == 0:
                sheet.write_string(row, col, label, style)
            else:
                sheet.write_blank(row, col, None, style)
