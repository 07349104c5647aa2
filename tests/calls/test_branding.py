"""The company's looks on the visitor's page, as the server hands them out."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.branding import as_picture
from agents.defaults import demo_config
from agents.models import AgentProfile
from agents.published import forget_published
from agents.services import create_profile, publish
from tests.agents.test_branding import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> AgentProfile:
    profile = create_profile(demo_config(), source=AgentProfile.Source.ADMIN)
    publish(profile, author=None, author_name="test")
    forget_published()
    return profile


def test_page_shows_company_colour_and_picture_at_once(client: Client, agent: AgentProfile) -> None:
    plain = client.get("/a/demo").content.decode()
    assert "--accent: #b4321e" not in plain
    assert "vaani/icon" in plain.split("<body>")[1]

    agent.company, agent.colour, agent.picture = "Sunrise <Homes>", "#b4321e", as_picture(upload((300, 200), "PNG"))
    agent.save()
    forget_published()

    for paused in (False, True):
        AgentProfile.objects.update(enabled=not paused)
        forget_published()
        page = client.get("/a/demo").content.decode()
        assert "Sunrise &lt;Homes&gt;" in page
        assert "--accent: #b4321e" in page.split("</style>")[0]
        assert f'src="{agent.picture.url}"' in page
    picture = client.get(agent.picture.url)
    assert picture["Content-Type"] == "image/webp"
    assert b"".join(picture.streaming_content).startswith(b"RIFF")  # type: ignore[attr-defined]
    assert "immutable" in picture["Cache-Control"]
    picture.close()  # which closes the database's connection too


@pytest.mark.parametrize("path", ["/pictures/x.webp", f"/pictures/{'0' * 32}.webp"])
def test_nothing_else_is_handed_out(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_staff_give_an_agent_its_looks(admin_client: Client, agent: AgentProfile) -> None:
    address = f"/admin/agents/agentprofile/{agent.pk}/change/"
    form = admin_client.get(address).context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value not in (None, "")} | {
        name: field.initial for name, field in form.fields.items() if name.startswith("greeting_") and field.initial
    }
    values |= {"say_as": "", "variables": "", "seen": form.initial["seen"]}
    for prefix in ("fields", "versions"):
        values |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    looks = {"company": "Sunrise", "colour": "#B4321E"}
    values.pop("picture", None)
    bad = admin_client.post(address, values | looks | {"picture": SimpleUploadedFile("a.png", b"<svg/>")})
    assert b"valid image" in bad.content
    answer = admin_client.post(address, values | looks | {"picture": upload((40, 90), "JPEG")})
    assert answer.status_code == 302, answer.context["errors"]
    agent.refresh_from_db()
    assert (agent.company, agent.colour) == ("Sunrise", "#b4321e")
    assert agent.picture.url.encode() in admin_client.get(address).content
    picture = admin_client.get(agent.picture.url)
    assert picture.status_code == 200
    picture.close()  # which closes the database's connection too
