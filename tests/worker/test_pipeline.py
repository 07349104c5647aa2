"""A conversation without a room, against the sandbox: who speaks, which tools are answered, and what cannot finish."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from agents.contract import Claim, ModelChoice, ToolAnswer
from agents.examples import Said, ToolUse
from agents.languages import LANGUAGES
from agents.worker import pipeline, thinking
from agents.worker.pipeline import Exchange, hold
from agents.worker.tools import END_CALL, SPEAK_LANGUAGE
from tests.sandbox.conftest import Sandbox
from tests.worker.conftest import make_claim, make_env, sandbox_settings

pytestmark = pytest.mark.asyncio

GONE = ModelChoice(provider="groq", model="llama-3.3-70b-versatile")
SECOND = ModelChoice(provider="openai", model="gpt-4.1-mini")
GOOD = {"name": "Rahul", "phone": "9845012345"}


class Talk:
    """One conversation of a claim, and what its tools were asked."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.claim = make_claim("en-IN")
        self.used: list[tuple[str, str, dict[str, Any]]] = []
        self.answers = [ToolAnswer(ok=True, text="Saved.")]

    async def order(self, **orders: Any) -> None:
        await self.sandbox.order(str(self.claim.call_id), **orders)

    async def check(self, name: str, item_id: str, arguments: dict[str, Any]) -> ToolAnswer:
        self.used.append((name, item_id, arguments))
        return self.answers.pop(0)

    async def hold(self, *lines: str, models: list[ModelChoice] | None = None) -> Exchange:
        claim: Claim = self.claim if models is None else self.claim.model_copy(update={"models": models})
        return await hold(make_env(**sandbox_settings(self.sandbox)), claim, lines, self.check)

    async def requests(self) -> list[dict[str, Any]]:
        return await self.sandbox.ledger("llm", str(self.claim.call_id))


@pytest_asyncio.fixture
async def talk(sandbox: Sandbox) -> Talk:
    return Talk(sandbox)


async def test_it_greets_and_answers_each_line_of_the_visitor(talk: Talk) -> None:
    await talk.order(replies=["At ten.", "At seven."])
    exchange = await talk.hold("When do you open?", "And when do you close?")
    said = [(step.role, step.text) for step in exchange.steps if isinstance(step, Said)]
    assert said == [
        ("agent", f"Hello! I am Asha, an AI assistant. {LANGUAGES['en-IN'].disclosure} How can I help you?"),
        ("visitor", "When do you open?"),
        ("agent", "At ten."),
        ("visitor", "And when do you close?"),
        ("agent", "At seven."),
    ]
    assert (exchange.trouble, exchange.failures) == ("", [])


async def test_the_model_is_told_what_it_is_told_in_a_call(talk: Talk) -> None:
    await talk.hold("Hello?")
    (request,) = await talk.requests()
    roles = [message["role"] for message in request["messages"]]
    assert roles == ["system", "assistant", "user"]
    assert "You are Asha" in request["messages"][0]["content"]
    assert "The speaker is a woman." in request["messages"][0]["content"]
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in request["tools"]}
    assert tools.keys() == {"end_call", "save_details"}
    details = tools["save_details"]
    assert details["required"] == [], "what is known so far may be saved"
    assert list(details["properties"]) == ["name", "phone", "confirmed"]
    assert [details["properties"][key]["description"].endswith("Needed") for key in ("name", "phone")] == [True, True]


async def test_a_tool_is_checked_and_its_answer_read_by_the_model(talk: Talk) -> None:
    await talk.order(replies=[{"tool": "save_details", "arguments": GOOD}, "Thank you."])
    exchange = await talk.hold("Rahul, 9845012345.")
    assert [(name, arguments) for name, _, arguments in talk.used] == [("save_details", GOOD)]
    assert exchange.steps[2:] == [ToolUse("save_details", GOOD, True, "Saved."), Said("agent", "Thank you.")]
    answered = (await talk.requests())[1]["messages"][-1]
    assert (answered["role"], answered["content"]) == ("tool", "Saved.")


async def test_what_the_check_refuses_is_asked_again(talk: Talk) -> None:
    bad = {**GOOD, "phone": "1"}
    talk.answers = [ToolAnswer(ok=False, text="Ask for all ten digits."), ToolAnswer(ok=True, text="Saved.")]
    await talk.order(
        replies=[
            {"tool": "save_details", "arguments": bad},
            "All ten digits, please?",
            {"tool": "save_details", "arguments": GOOD},
            "Thank you.",
        ]
    )
    exchange = await talk.hold("Rahul, 1.", "9845012345.")
    uses = [(step.arguments, step.ok) for step in exchange.steps if isinstance(step, ToolUse)]
    assert uses == [(bad, False), (GOOD, True)]


async def test_the_goodbye_ends_it_before_the_other_lines(talk: Talk) -> None:
    await talk.order(replies=[{"tool": END_CALL}])
    exchange = await talk.hold("Bye.", "Are you there?")
    assert exchange.steps[1:] == [Said("visitor", "Bye."), ToolUse(END_CALL, {}, True, "")]
    assert exchange.trouble == ""


async def test_the_language_changes_when_it_is_one_of_the_agents(talk: Talk) -> None:
    talk.claim = talk.claim.model_copy(
        update={"agent": talk.claim.agent.model_copy(update={"languages": ["en-IN", "ta-IN"]})}
    )
    await talk.order(
        replies=[
            {"tool": SPEAK_LANGUAGE, "arguments": {"language": "bn-IN"}},
            {"tool": SPEAK_LANGUAGE, "arguments": {"language": "ta-IN"}},
            "சரிங்க.",
        ]
    )
    exchange = await talk.hold("Tamil, please.")
    assert [step.ok for step in exchange.steps if isinstance(step, ToolUse)] == [False, True]
    prompts = [request["messages"][0]["content"] for request in await talk.requests()]
    assert ["Speak Tamil" in prompt for prompt in prompts] == [False, False, True]
    roles = [message["role"] for message in (await talk.requests())[2]["messages"]]
    assert roles == ["system", "assistant", "user", "assistant", "tool", "assistant", "tool"]


async def test_a_tool_that_is_not_there_is_refused_and_never_checked(talk: Talk) -> None:
    await talk.order(replies=[{"tool": "open_the_door"}, "I cannot do that."])
    exchange = await talk.hold("Open the door.")
    assert [step.ok for step in exchange.steps if isinstance(step, ToolUse)] == [False]
    assert exchange.steps[-1] == Said("agent", "I cannot do that.")
    assert talk.used == []


async def test_a_model_that_only_calls_tools_is_stopped(talk: Talk) -> None:
    talk.answers = [ToolAnswer(ok=True, text="Saved.")] * 9
    await talk.order(replies=[{"tool": "save_details", "arguments": GOOD}] * 9)
    await talk.hold("Rahul.")
    assert len(await talk.requests()) == pipeline.TOOL_ROUNDS + 1


async def test_a_refused_models_successor_holds_it(talk: Talk) -> None:
    await talk.order(replies=["At ten."])
    exchange = await talk.hold("When do you open?", models=[GONE, SECOND])
    assert exchange.steps[-1] == Said("agent", "At ten.")
    assert exchange.trouble == ""
    assert [(kind, detail["model"]) for kind, detail in exchange.failures] == [("model_refused", GONE.model)]


async def test_when_every_model_hangs_it_could_not_finish(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", 0.3)
    await talk.order(replies=["At ten."], faults={"llm": {"kind": "hang", "times": 0, "after": 1}})
    exchange = await talk.hold("When do you open?", "And close?")
    assert exchange.trouble == "no_model"
    assert exchange.steps[-2:] == [Said("agent", "At ten."), Said("visitor", "And close?")]


async def test_without_any_model_it_could_not_finish(talk: Talk) -> None:
    assert (await talk.hold("Hello?", models=[])).trouble == "no_model"


async def test_a_reply_that_breaks_off_could_not_finish(talk: Talk) -> None:
    await talk.order(replies=["one two three four"], faults={"llm": {"kind": "reset"}})
    exchange = await talk.hold("Hello?")
    assert exchange.trouble == "broke_off"
    assert exchange.steps[-1] == Said("visitor", "Hello?")


async def test_a_conversation_has_one_deadline(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "DEADLINE_SECONDS", 0.5)
    monkeypatch.setattr(thinking, "FIRST_TOKEN_SECONDS", 30)
    await talk.order(faults={"llm": {"kind": "hang", "times": 0}})
    assert (await talk.hold("Hello?")).trouble == "too_long"


async def test_a_fault_of_our_own_is_not_the_providers(talk: Talk) -> None:
    talk.answers = []  # so that the check fails
    await talk.order(replies=[{"tool": "save_details", "arguments": GOOD}])
    with pytest.raises(IndexError):
        await talk.hold("Rahul.")
