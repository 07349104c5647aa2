"""The agents Vaani ships with: the demo agent, and the one that answers when n8n names none."""

from __future__ import annotations

from agents.catalogue import MODELS, STT_MODEL, VOICES
from agents.contract import AgentConfig, Brief, FieldToFindOut
from agents.languages import LANGUAGES
from vaani.env import get_env

DEMO_ID = "demo"


def voices_of(tts_model: str) -> list[str]:
    """Voices of a text-to-speech model."""
    return [voice.id for voice in VOICES.values() if voice.model == tts_model]


def default_config(agent_id: str) -> AgentConfig:
    """A plain receptionist speaking every language, in the default language and voice of the environment."""
    env = get_env()
    voice = VOICES.get(env.default_voice, VOICES["arya"])
    return AgentConfig(
        agent_id=agent_id,
        name="Vaani",
        brief=Brief(
            who="The receptionist of our company. Warm, brief and patient: one question at a time.",
            never="Promise a price, a date or a discount.",
            ends="Say that a colleague will call back, thank the visitor and say goodbye.",
        ),
        fields=_CONTACT,
        languages=list(LANGUAGES),
        default_language=env.default_language if env.default_language in LANGUAGES else "hi-IN",
        voices=voices_of(voice.model),
        default_voice=voice.id,
        stt_model=STT_MODEL,
        tts_model=MODELS[voice.model].name,
    )


def demo_config() -> AgentConfig:
    """The agent of the first call: a home builder's receptionist."""
    return default_config(DEMO_ID).model_copy(
        update={
            "name": "Asha",
            "description": "Talk to the receptionist of Sunrise Homes, a demonstration.",
            "brief": Brief(
                who="The receptionist of Sunrise Homes, a builder in Pune. Warm, brief and patient: one question at a time.",
                knows=(
                    "Office: 12 Baner Road, Pune. Open every day from 10 to 7.\n"
                    "Two-bedroom flats start at 65 lakh, three-bedroom flats at 90 lakh.\n"
                    "Site visits are free, with a car from the office at 11 and at 4.\n"
                    "Home loans are arranged with three banks."
                ),
                never="Promise a discount, a date of possession or a loan.",
                ends="Say that a colleague will call back the same day, thank the visitor and say goodbye.",
            ),
        }
    )


_CONTACT = [
    FieldToFindOut(key="name", label="Name", kind="name", required=True),
    FieldToFindOut(key="phone", label="Phone number", kind="phone", required=True, hint="Ten digits; read it back."),
    FieldToFindOut(key="need", label="What they need", kind="text", hint="In a few words."),
]
