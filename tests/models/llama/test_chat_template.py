"""Templates of model files: well-known ones are followed, hostile ones end and are left alone."""

import hashlib
import time

import pytest

from tests.models.llama import chat_templates as templates
from toollama.models.llama.chat_frame import ChatFrame
from toollama.models.llama.chat_template import Unusable, built_in_format, describe, frame_of

_CHAT = ("system", "user", "assistant", "user")

_CHATML_WRITTEN = (
    "<|im_start|>system\n0<|im_end|>\n<|im_start|>user\n1<|im_end|>\n"
    "<|im_start|>assistant\n2<|im_end|>\n<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n"
)
_WRITTEN = {
    "ChatML": (
        templates.CHATML,
        _CHATML_WRITTEN,
    ),
    "Qwen 2.5": (
        templates.QWEN_2_5,
        _CHATML_WRITTEN,
    ),
    "SmolLM2": (
        templates.SMOLLM2,
        _CHATML_WRITTEN,
    ),
    "Llama 3": (
        templates.LLAMA_3,
        (
            "<s><|start_header_id|>system<|end_header_id|>\n\n0<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\n1<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n2<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\n3<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        ),
    ),
    "Mistral Instruct v0.3": (
        templates.MISTRAL_V3,
        "<s>[INST] 1[/INST] 2</s>[INST] 0\n\n3[/INST]",
    ),
    "Gemma 2": (
        templates.GEMMA_2,
        (
            "<s><start_of_turn>user\n0\n\n1<end_of_turn>\n<start_of_turn>model\n2<end_of_turn>\n"
            "<start_of_turn>user\n3<end_of_turn>\n<start_of_turn>model\n"
        ),
    ),
    "Phi 3": (
        templates.PHI_3,
        (
            "<|system|>\n0<|end|>\n<|user|>\n1<|end|>\n<|assistant|>\n2<|end|>\n<|user|>\n3<|end|>\n"
            "<|assistant|>\n"
        ),
    ),
    "DeepSeek R1 distilled": (
        templates.DEEPSEEK_R1_DISTILL,
        "<s>0<｜User｜>1<｜Assistant｜>2<｜end▁of▁sentence｜><｜User｜>3<｜Assistant｜>",
    ),
}

_HOSTILE = {
    "an endless loop": "{% for a in range(99999) %}{% for b in range(99999) %}"
    "{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
    "a huge range": "{{ range(10**12)|list }}",
    "a huge power": "{{ 10**(10**10) }}",
    "a string bomb": "{{ 'a' * 10**11 }}",
    "a filter bomb": "{{ 'a'|center(10**11) }}",
    "doubling text": "{% set ns = namespace(t='a') %}{% for i in range(99) %}"
    "{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
    "an attribute escape": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "an escape through a filter": "{{ ''|attr('__class__')|attr('__mro__') }}",
    "an escape through a format": "{{ '{0.__class__.__mro__}'.format('') }}",
    "ten megabytes of output": "{% for i in range(99999) %}{{ 'a' * 100 }}{% endfor %}",
    "endless recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "deep nesting": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "a syntax error": "{% for %}",
    "half a surrogate pair": "{{ '\\ud800' }}",
    "an import of a file": "{% include '/etc/passwd' %}",
    "no end of text": "a" * 200_000,
}


def _frame(template: str, *roles: str) -> ChatFrame | Unusable:
    return frame_of(template, roles, bos="<s>", eos="</s>")


def _written(frame: ChatFrame | Unusable) -> str:
    assert not isinstance(frame, Unusable), frame
    return "".join(map(str, frame))


@pytest.mark.parametrize("name", _WRITTEN)
def test_the_template_of_a_well_known_model_is_followed(name: str) -> None:
    template, expected = _WRITTEN[name]
    assert _written(_frame(template, *_CHAT)) == expected


@pytest.mark.parametrize("attack", _HOSTILE)
def test_a_hostile_template_is_unusable_within_a_second_of_computing(attack: str) -> None:
    began_s = time.monotonic()
    assert isinstance(_frame(_HOSTILE[attack], "user"), Unusable)
    assert time.monotonic() - began_s < 8.0  # other processes may hold the processor


def test_an_endless_template_is_rendered_once_for_all_conversations() -> None:
    template = _HOSTILE["an endless loop"] + "{# once #}"
    _frame(template, "user")
    began_s = time.monotonic()
    for turns in range(1, 20):
        assert isinstance(_frame(template, *["user", "assistant"] * turns), Unusable)
    assert time.monotonic() - began_s < 8.0  # each rendering alone takes a second


@pytest.mark.parametrize(
    "template",
    [
        "{{ messages[0].content|upper }}",
        "{{ messages[0].content[:5] }}",
        "{{ messages[0].content * 2 }}",
        "nothing of it",
    ],
)
def test_a_template_that_changes_messages_is_unusable(template: str) -> None:
    assert _frame(template, "user") == Unusable("it changes or drops what the messages say")


def test_system_text_that_a_template_drops_goes_to_the_user() -> None:
    template = "{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}"
    assert _written(_frame(template, "system", "user")) == "[0\n\n1]"


def test_two_users_in_succession_become_one_where_roles_must_alternate() -> None:
    assert _written(_frame(templates.MISTRAL_V3, "user", "user")) == "<s>[INST] 0\n\n1[/INST]"


def test_the_fault_of_a_template_is_safe_to_show() -> None:
    fault = _frame("{{ raise_exception('no\\n\x1b[31mred') }}", "user")
    assert isinstance(fault, Unusable)
    assert fault.reason.isprintable()


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% generation %}{{ messages[0].content }}{% endgeneration %}", "0"),
        ("{% for m in messages %}{{ m.content }}{% break %}{% endfor %}", "0"),
        ("{{ messages[0].content }}{{ {'é': 1}|tojson }}", '0{"é": 1}'),
        ("{{ messages[0].content }}{{ strftime_now('%%') }}", "0%"),
        ("{% if not tools %}\n  {{ messages[0].content }}\n{% endif %}\n", "  0\n"),
    ],
)
def test_what_transformers_gives_templates_is_there(template: str, expected: str) -> None:
    assert _written(_frame(template, "user")) == expected


def test_a_template_reads_no_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    frame = _frame("{{ messages[0].content }}{{ HF_TOKEN }}{{ environ }}", "user")
    assert _written(frame) == "0"


def test_a_template_whose_format_is_built_in_is_not_rendered() -> None:
    assert built_in_format(templates.SMOLLM2) == "chatml"
    assert built_in_format(templates.SMOLLM2 + " ") == ""


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (None, "ChatML: the file has no template"),
        (templates.SMOLLM2, "chatml, built in"),
        (templates.GEMMA_2, "the file's own template"),
        ("{% for %}", "not usable: TemplateSyntaxError"),
    ],
)
def test_the_chat_format_is_told_in_words(template: str | None, expected: str) -> None:
    assert expected in describe(template)


def test_fingerprints_are_of_the_template_text() -> None:
    digest = hashlib.sha256(templates.SMOLLM2.encode()).hexdigest()
    assert digest.startswith("872be49d")
