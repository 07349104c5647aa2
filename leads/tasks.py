"""Celery's side of leads."""

from __future__ import annotations

from celery import shared_task

from leads import erasing, exports, extraction, sending


@shared_task(name=sending.SEND_TASK)
def send_due() -> None:
    """Send the deliveries that are due; the rest after other chores have had their turn."""
    if sending.send_due():
        sending.nudge()


@shared_task(name=exports.EXPORT_TASK)
def make_export(pk: int) -> None:
    """Write a file of leads."""
    exports.make_export(pk)


@shared_task(name="leads.drop_old_exports")
def drop_old_exports() -> None:
    """Delete the files of leads whose time is over."""
    exports.drop_old_exports()


@shared_task(name=extraction.EXTRACT_TASK)
def extract(pk: int) -> None:
    """Read one finished call."""
    extraction.extract(pk)


@shared_task(name="leads.extract_due")
def extract_due() -> None:
    """Have calls read whose task was lost, or whose next try has come."""
    extraction.send_due()


@shared_task(name="leads.erase_due")
def erase_due() -> None:
    """Erase the leads and calls whose time is over, and the people whose wish has fallen due."""
    erasing.erase_due()
