"""Lay a mark over every page of a document. No database, no records."""

import io

from odoo.tools.pdf import (
    NameObject,
    PdfFileReader,
    PdfFileWriter,
    PdfReadError,
    PdfStreamError,
)
from PIL import Image


class NotMarkable(Exception):
    """The file is no PDF or image, is encrypted, or is broken."""


def to_pdf(data, mimetype):
    """Return a PDF or an image as the bytes of a PDF."""
    if mimetype == "application/pdf":
        return data
    if not mimetype.startswith("image/"):
        raise NotMarkable
    output = io.BytesIO()
    try:
        Image.open(io.BytesIO(data)).convert("RGB").save(output, format="pdf")
    except (OSError, ValueError) as error:
        raise NotMarkable from error
    return output.getvalue()


def mark_pages(data, mimetype, mark):
    """Return the PDF of a document with a mark over every page, as large as fits.

    :param bytes data: a PDF or an image
    :param bytes mark: a PDF, of which the first page is the mark
    :raise NotMarkable: the pages can't be read
    """
    stamp = PdfFileReader(io.BytesIO(mark), strict=False).getPage(0)
    _let_shine_through(stamp)
    writer = PdfFileWriter()
    try:
        reader = PdfFileReader(io.BytesIO(to_pdf(data, mimetype)), strict=False)
        if reader.isEncrypted or not reader.getNumPages():
            raise NotMarkable
        for number in range(reader.getNumPages()):
            writer.addPage(reader.getPage(number))
            page = writer.getPage(number)
            # Annotations may lie above the mark.
            page.pop("/Annots", None)
            page.merge_transformed_page(stamp, _fit(stamp, page))
    except (PdfReadError, PdfStreamError, ValueError, KeyError, OSError) as error:
        raise NotMarkable from error
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def _let_shine_through(stamp):
    """Multiply the colours of a mark with those below: its white covers nothing."""
    states = stamp["/Resources"].get("/ExtGState", {})
    for name in states:
        states[name].getObject()[NameObject("/BM")] = NameObject("/Multiply")


def _fit(stamp, page):
    """Return the matrix that lays a mark over the middle of a page."""
    left, bottom, right, top = map(float, page.mediaBox)
    own_left, own_bottom, own_right, own_top = map(float, stamp.mediaBox)
    width, height = own_right - own_left, own_top - own_bottom
    scale = min((right - left) / width, (top - bottom) / height)
    return (
        *(scale, 0, 0, scale),
        (left + right - scale * (own_left + own_right)) / 2,
        (bottom + top - scale * (own_bottom + own_top)) / 2,
    )
