"""The workflow for n8n that we ship: what it needs of us, and, where the real n8n is at hand, that it works."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from leads import sending
from leads.announce import announce, announce_erased
from leads.models import Delivery, Lead, new_secret
from leads.payload import example_body
from leads.signing import signed_headers
from tests.conftest import SetEnv
from tests.leads.real_n8n import BIN, real_n8n
from vaani.env import Env

FOLDER = Path(__file__).parents[2] / "n8n"
WORKFLOW = FOLDER / "n8n-workflow-lead-capture.json"
COLUMNS = FOLDER / "leads.csv"
TABLE_NODE, SECRET_NODE = "Look for it in the table", "Sign it ourselves"


def workflow() -> dict[str, Any]:
    return dict(json.loads(WORKFLOW.read_text()))


def node(flow: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in flow["nodes"] if each["name"] == name)


def test_it_listens_where_we_send_and_comes_with_neither_secret_nor_table() -> None:
    flow = workflow()
    (webhook,) = [each for each in flow["nodes"] if each["type"] == "n8n-nodes-base.webhook"]
    assert f"/webhook/{webhook['parameters']['path']}" == Env(_env_file=None).n8n_webhook_lead_capture
    assert webhook["parameters"]["options"] == {"rawBody": True}
    assert node(flow, SECRET_NODE)["parameters"]["secret"] == ""
    assert node(flow, TABLE_NODE)["parameters"]["dataTableId"]["value"] == ""
    assert flow["active"] is False


def test_what_a_person_must_give_is_named_on_its_notes() -> None:
    notes = "\n".join(
        each["parameters"]["content"] for each in workflow()["nodes"] if each["type"] == "n8n-nodes-base.stickyNote"
    )
    for words in (COLUMNS.name, TABLE_NODE, SECRET_NODE, "Show the secret", "N8N_BASE_URL"):
        assert words in notes


def test_the_columns_are_those_it_fills() -> None:
    filled = node(workflow(), "Append a row")["parameters"]["columns"]["value"]
    assert COLUMNS.read_text().strip().split(",") == list(filled)


@pytest.mark.skipif(not BIN, reason="needs the real n8n: set N8N_BIN")
@pytest.mark.django_db
def test_the_real_n8n_checks_the_signature_drops_repeats_appends_rows_and_erases(
    tmp_path: Path, lead: Lead, set_env: SetEnv
) -> None:
    secret = new_secret()
    with real_n8n(tmp_path) as n8n:
        hook = f"{n8n.url}/webhook/lead-capture"
        set_env(n8n_base_url=n8n.url, n8n_webhook_secret=secret)
        body = example_body()

        def post(key: str, webhook_id: str = "msg_1", age: timedelta = timedelta(), sent: str = body) -> int:
            at = datetime.now(UTC) - age
            headers = {**signed_headers(secret, webhook_id, at, body), "Content-Type": "application/json"}
            if key != secret:  # by hand, for the library signs with no empty key
                signed = f"{webhook_id}.{headers['webhook-timestamp']}.{body}".encode()
                headers["webhook-signature"] = f"v1,{b64encode(hmac.digest(key.encode(), signed, 'sha256')).decode()}"
            return requests.post(hook, data=sent.encode(), headers=headers, timeout=30).status_code

        flow = workflow()
        table = n8n.make_table("Leads", COLUMNS)
        node(flow, TABLE_NODE)["parameters"]["dataTableId"] |= {"value": table}
        node(flow, SECRET_NODE)["parameters"]["secret"] = secret
        n8n.run_workflow(flow)

        # Not ours: another key, an old message, another body, no signature at all.
        assert post(new_secret()) == 401
        assert post("") == 401
        assert post(secret, age=timedelta(minutes=6)) == 401
        assert post(secret, sent=body.replace("Rahul", "Ravi")) == 401
        assert requests.post(hook, data=body.encode(), timeout=30).status_code == 401
        assert requests.post(hook, timeout=30).status_code == 401
        assert n8n.rows(table) == []

        # Ours, and the same again.
        assert (post(secret), post(secret)) == (200, 200)
        (row,) = n8n.rows(table)
        assert (row["webhook_id"], row["name"], row["phone"]) == ("msg_1", "राहुल", "+919845012345")
        assert json.loads(row["fields"])["flat"] == "2 BHK"

        # As the product sends it: a lead, the same again, its change, its erasure.
        announce(lead, "lead.captured")
        sending.send_due()
        sending.replay(Delivery.objects.all())
        sending.send_due()
        callback = Lead.objects.create(agent=lead.agent)
        announce(callback, "lead.captured")
        announce(lead, "lead.updated")
        sending.send_due()
        assert not Delivery.objects.waiting().exists()
        kept = [(each["event"], each["lead_id"]) for each in n8n.rows(table)]
        assert kept == [
            ("lead.test", "41"),
            ("lead.captured", str(lead.pk)),
            ("lead.captured", str(callback.pk)),
            ("lead.updated", str(lead.pk)),
        ]
        announce_erased(lead)
        sending.send_due()
        assert not Delivery.objects.waiting().exists()
        assert [each["lead_id"] for each in n8n.rows(table)] == ["41", str(callback.pk)]

        # Before the secret was put in, nothing is taken, whatever it is signed with.
        bare = workflow()
        node(bare, "Vaani tells of a lead")["parameters"]["path"] = "without-a-secret"
        n8n.run_workflow(bare)
        hook = f"{n8n.url}/webhook/without-a-secret"
        assert post("") == 500, "n8n itself refuses to run it"
