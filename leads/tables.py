"""Leads as a table, and the table as a file that no spreadsheet takes for a program.

A file may be opened by Excel, LibreOffice or Google Sheets, and its texts come from callers and models. In CSV, where
there is nothing but text, a cell that a spreadsheet could take for a formula begins with an apostrophe, and a phone
number is written with spaces (`+91 98450 12345`): without them Excel makes `9.19845E+11` of it. In XLSX every cell says
that it is text, so both stand as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import FieldToFindOut
from leads.models import Lead, LeadValue
from leads.people import values_of
from leads.shown import as_read

CHUNK = 500  # leads read at a time
MOST_CHARACTERS = 32_767  # of an Excel cell
KINDS_FIRST = [FieldToFindOut.Kind.NAME, FieldToFindOut.Kind.PHONE, FieldToFindOut.Kind.EMAIL]

# What spreadsheets begin a formula with, as they write it in East Asia too; they overlook spaces before it.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?")


class Phone(str):
    """A phone number, as `+919845012345`."""


class Amount(str):
    """A number to count with."""


Row = Sequence[str]


def table(ids: Sequence[int]) -> Iterator[list[Row]]:
    """The header, then the rows of these leads in their order, in portions of `CHUNK`.

    A person is one row: leads that joined another meanwhile, that are locked or gone are left out. Only what counts as
    a fact stands in its column; the rest is listed as not certain.
    """
    keys = _keys(ids)
    yield [_header(keys)]
    for chunk in _chunks(ids):
        leads = _read(chunk)
        yield [_row(leads[pk], keys) for pk in chunk if pk in leads]


def write_csv(stream: IO[bytes], rows: Iterable[Row]) -> None:
    """UTF-8 with the mark that makes Excel see it as such."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    csv.writer(text).writerows([csv_cell(cell) for cell in row] for row in rows)
    text.detach()


def write_xlsx(stream: IO[bytes], rows: Iterable[Row]) -> None:
    """One sheet, row by row, so that its size does not matter."""
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
    sheet = book.add_worksheet(_("Leads"))
    sheet.freeze_panes(1, 0)
    for at, row in enumerate(rows):
        if at == 0:
            sheet.set_column(0, len(row) - 1, 18)
        for column, cell in enumerate(row):
            if isinstance(cell, Amount):
                sheet.write_number(at, column, float(cell))
            elif cell:
                sheet.write_string(at, column, _printable(cell)[:MOST_CHARACTERS], text if at else head)
    book.close()


def csv_cell(cell: str) -> str:
    """A cell as CSV has it: never a formula."""
    if isinstance(cell, Phone) and (spaced := as_read(FieldToFindOut.Kind.PHONE, cell)) != cell:
        return spaced.replace("-", " ")
    text = _printable(cell)
    return f"'{text}" if _FORMULA.match(text) else text


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


# The leads --------------------------------------------------------------------------------------


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _keys(ids: Sequence[int]) -> list[str]:
    """Every key that a value of these leads has: name, phone and e-mail first."""
    found: dict[str, int] = {}
    for chunk in _chunks(ids):
        values = LeadValue.objects.filter(Q(lead__in=chunk) | Q(lead__joined_to__in=chunk))
        for key, kind in values.order_by("key").values_list("key", "kind").distinct():
            place = KINDS_FIRST.index(FieldToFindOut.Kind(kind)) if kind in KINDS_FIRST else len(KINDS_FIRST)
            found[key] = min(found.get(key, place), place)
    return sorted(found, key=lambda key: (found[key], key))


def _read(ids: Sequence[int]) -> dict[int, Lead]:
    joined = Prefetch("joined", Lead.objects.select_related("call").prefetch_related("values"))
    leads = Lead.objects.people().filter(locked_at=None).select_related("agent", "call", "owner")
    return leads.prefetch_related("values", joined).in_bulk(ids)


def _header(keys: list[str]) -> Row:
    before = [_("Lead"), _("Caught"), _("Agent"), _("Language"), _("Status"), _("Accepted"), _("Call-back asked")]
    return [*before, *keys, _("Name in Latin letters"), _("Not certain"), *_after()]


def _after() -> list[str]:
    return [_("Summary"), _("Owner"), _("Follow up on"), _("Notes"), _("Source")]


def _row(lead: Lead, keys: list[str]) -> Row:
    values = values_of(lead)
    facts = {value.key: _cell(value) for value in values if value.counts}
    open_ones = [f"{value.key}: {value.value}" for value in values if not value.counts and not value.verdict]
    before = [
        str(lead.pk),
        _moment(lead.created_at),
        lead.agent.name,
        language_of(lead),
        lead.get_status_display(),
        _moment(lead.accepted_at),
        _moment(lead.callback_at),
    ]
    source = lead.call.source if lead.call else {}
    after = [
        lead.summary,
        str(lead.owner or ""),
        f"{lead.follow_up_on:%Y-%m-%d}" if lead.follow_up_on else "",
        lead.notes,
        "; ".join(f"{name}: {text}" for name, text in source.items()),
    ]
    return [*before, *(facts.get(key, "") for key in keys), lead.latin_name, "; ".join(open_ones), *after]


def _cell(value: LeadValue) -> str:
    if value.kind == FieldToFindOut.Kind.PHONE:
        return Phone(value.value)
    countable = value.kind in (FieldToFindOut.Kind.NUMBER, FieldToFindOut.Kind.MONEY)
    return Amount(value.value) if countable and _AMOUNT.fullmatch(value.value) else value.value


def _moment(when: Any) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""


def language_of(lead: Lead) -> str:
    """The language that the person spoke, or asked to be called back in, in English; empty when neither is known."""
    return lead.call.get_language_display() if lead.call else lead.get_callback_language_display()
