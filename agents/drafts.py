"""A file becomes a draft, under the same rules as what staff type into the form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.forms import modelform_factory
from django.utils.translation import gettext as _

from agents.contract import AgentConfig, FieldToFindOut
from agents.files import AgentFileError, Where, part_name
from agents.forms import AgentForm, FieldToFindOutForm, greeting_field
from agents.languages import LANGUAGES
from agents.models import AgentProfile
from agents.models import FieldToFindOut as FieldRow
from agents.services import apply_config, create_profile


class IdTakenError(AgentFileError):
    """Another agent has the id."""


@transaction.atomic
def import_draft(config: AgentConfig, *, replace: bool = False) -> AgentProfile:
    """Make a draft of `config`, or with `replace` put it in place of the draft that has its id. Publishes nothing.

    Raises `IdTakenError` when there is such a draft already, and `AgentFileError` when the form would refuse a part.
    """
    profile = AgentProfile.objects.select_for_update().filter(agent_id=config.agent_id).first()
    if profile and not replace:
        raise IdTakenError([_("There is an agent “%(id)s” already.") % {"id": config.agent_id}])
    if faults := list(_faults(config, profile)):
        raise AgentFileError(faults)
    if profile is None:
        return create_profile(config, source=AgentProfile.Source.ADMIN)
    apply_config(profile, config)
    return profile


def free_id(wanted: str) -> str:
    """`wanted`, or with the first number after it that no agent has."""
    taken = set(AgentProfile.objects.filter(agent_id__startswith=wanted).values_list("agent_id", flat=True))
    number = 1
    name = wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _faults(config: AgentConfig, profile: AgentProfile | None) -> Iterator[str]:
    """What the admin's forms say against `config`. They leave what they have cleaned in `profile`."""
    parts = config.model_dump(exclude={"brief", "fields", "greetings", "turn_taking"})
    boxes = parts | config.brief.model_dump() | config.turn_taking.model_dump()
    greetings = {greeting_field(code): code for code in LANGUAGES}
    texts = {name: config.greetings.get(code, "") for name, code in greetings.items()}
    form = modelform_factory(AgentProfile, form=AgentForm, fields=list(boxes))(boxes | texts, instance=profile)
    for name, messages in form.errors.items():
        yield _sentence(("greetings", greetings[name]) if name in greetings else (name,), messages)
    for code in config.greetings.keys() - LANGUAGES.keys():
        yield _sentence(("greetings", code), [_("There is no such language.")])
    yield from _field_faults(config.fields)


def _field_faults(fields: list[FieldToFindOut]) -> Iterator[str]:
    parts = [name for name in FieldToFindOut.model_fields if name != "choices"]
    form_class = modelform_factory(FieldRow, form=FieldToFindOutForm, fields=parts)
    keys: set[str] = set()
    for number, field in enumerate(fields):
        form = form_class(field.model_dump() | {"choices": ", ".join(field.choices)})
        for name, messages in form.errors.items():
            yield _sentence(("fields", number, name), messages)
        if field.key in keys:
            yield _sentence(("fields", number, "key"), [_("Another one has this key.")])
        keys.add(field.key)


def _sentence(where: Where, messages: Iterable[object]) -> str:
    return f"{part_name(where)}: {' '.join(map(str, messages))}"
