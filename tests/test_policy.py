"""The policy: what may run, what a person is asked, what is denied."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.policy import Call, Decision, Effect, Taint, Verdict, decide, settle

_BOTH = frozenset(Taint)
_CLEAN: frozenset[Taint] = frozenset()
_EFFECTS = st.frozensets(st.sampled_from(Effect))
_TAINTS = st.frozensets(st.sampled_from(Taint))
_CALLS = st.builds(
    Call,
    tool=st.just("tool"),
    effects=_EFFECTS,
    egress=st.booleans(),
    free_url=st.booleans(),
    url_from_user=st.booleans(),
    private_argument=st.booleans(),
    inside_roots=st.booleans(),
    attached=st.booleans(),
    inside_output=st.booleans(),
)


def _verdict(call: Call, *taint: Taint) -> Verdict:
    return decide(call, frozenset(taint)).verdict


def _call(*effects: Effect, **facts: bool) -> Call:
    return Call("tool", frozenset(effects), **facts)


@given(_CALLS, _TAINTS, _TAINTS, _EFFECTS)
def test_more_taint_never_loosens_a_verdict(
    call: Call, taint: frozenset[Taint], more: frozenset[Taint], granted: frozenset[Effect]
) -> None:
    before = decide(call, taint, granted=granted).verdict
    after = decide(call, taint | more, granted=granted).verdict
    assert after.value >= before.value


@given(_CALLS, _TAINTS, _EFFECTS)
def test_a_grant_changes_nothing_but_an_ask(
    call: Call, taint: frozenset[Taint], granted: frozenset[Effect]
) -> None:
    without, given_ = decide(call, taint), decide(call, taint, granted=granted)
    if without.verdict is Verdict.ASK and call.effects <= granted:
        assert given_.verdict is Verdict.ALLOW
    else:
        assert given_ == without


@given(_CALLS, _TAINTS)
def test_a_call_is_judged_by_its_strictest_effect(call: Call, taint: frozenset[Taint]) -> None:
    parts = [
        decide(
            Call(
                call.tool,
                frozenset({effect}),
                call.egress,
                call.free_url,
                call.url_from_user,
                call.private_argument,
                call.inside_roots,
                call.inside_output,
            ),
            taint,
        ).verdict.value
        for effect in call.effects
    ]
    if parts:
        assert decide(call, taint).verdict.value == max(parts)


@given(_CALLS, _TAINTS)
def test_every_decision_has_a_reason(call: Call, taint: frozenset[Taint]) -> None:
    assert decide(call, taint).reason


@given(_TAINTS, _EFFECTS)
def test_reaching_the_network_without_a_declared_effect_is_denied(
    taint: frozenset[Taint], granted: frozenset[Effect]
) -> None:
    assert decide(_call(egress=True), taint, granted=granted).verdict is Verdict.DENY


@given(_TAINTS)
def test_pure_computation_is_always_allowed(taint: frozenset[Taint]) -> None:
    assert decide(_call(), taint).verdict is Verdict.ALLOW


@pytest.mark.parametrize("effect", [Effect.SEND, Effect.SPEND])
def test_sending_and_spending_are_asked_even_when_nothing_was_read(effect: Effect) -> None:
    assert _verdict(_call(effect)) is Verdict.ASK


@pytest.mark.parametrize("effect", [Effect.SEND, Effect.SPEND])
def test_sending_after_private_and_untrusted_text_is_denied_whatever_was_granted(
    effect: Effect,
) -> None:
    assert decide(_call(effect), _BOTH, granted=frozenset(Effect)).verdict is Verdict.DENY


def test_a_free_url_after_private_and_untrusted_text_is_denied_whatever_was_granted() -> None:
    call = _call(Effect.READ_PUBLIC, egress=True, free_url=True, url_from_user=True)
    assert decide(call, _BOTH, granted=frozenset(Effect)).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("taint", "from_user", "expected"),
    [
        ((), False, Verdict.ALLOW),
        ((Taint.UNTRUSTED,), True, Verdict.ALLOW),
        ((Taint.UNTRUSTED,), False, Verdict.ASK),
        ((Taint.PRIVATE,), True, Verdict.ASK),
    ],
)
def test_a_free_url_is_asked_about_when_text_could_have_chosen_it(
    taint: tuple[Taint, ...], from_user: bool, expected: Verdict
) -> None:
    call = _call(Effect.READ_PUBLIC, egress=True, free_url=True, url_from_user=from_user)
    assert _verdict(call, *taint) is expected


@pytest.mark.parametrize(("private_argument", "expected"), [(False, "ALLOW"), (True, "ASK")])
def test_private_text_leaves_the_machine_only_when_asked(
    private_argument: bool, expected: str
) -> None:
    call = _call(Effect.READ_PUBLIC, egress=True, private_argument=private_argument)
    assert _verdict(call, Taint.PRIVATE).name == expected


def test_a_public_read_after_private_and_untrusted_text_is_asked() -> None:
    assert _verdict(_call(Effect.READ_PUBLIC, egress=True), *_BOTH) is Verdict.ASK


@pytest.mark.parametrize(
    ("inside_roots", "taint", "expected"),
    [
        (True, (), Verdict.ALLOW),
        (True, (Taint.PRIVATE,), Verdict.ALLOW),
        (True, (Taint.UNTRUSTED,), Verdict.ASK),
        (False, (), Verdict.ASK),
    ],
)
def test_a_private_read_is_free_only_inside_the_roots_and_before_untrusted_text(
    inside_roots: bool, taint: tuple[Taint, ...], expected: Verdict
) -> None:
    assert _verdict(_call(Effect.READ_PRIVATE, inside_roots=inside_roots), *taint) is expected


@pytest.mark.parametrize(
    ("inside_output", "taint", "expected"),
    [
        (True, (), Verdict.ALLOW),
        (True, (Taint.UNTRUSTED,), Verdict.ASK),
        (False, (), Verdict.ASK),
    ],
)
def test_a_write_is_free_only_inside_the_output_directory_and_before_untrusted_text(
    inside_output: bool, taint: tuple[Taint, ...], expected: Verdict
) -> None:
    assert _verdict(_call(Effect.WRITE_LOCAL, inside_output=inside_output), *taint) is expected


@pytest.mark.parametrize(("first", "second"), combinations(Effect, 2))
def test_a_grant_for_one_effect_does_not_cover_another(first: Effect, second: Effect) -> None:
    call = _call(first, second, inside_roots=False)
    asked = decide(call, _CLEAN)
    assert asked.verdict is not Verdict.DENY
    assert decide(call, _CLEAN, granted=frozenset({first})) == asked


@given(_CALLS, _TAINTS)
def test_nobody_to_ask_means_no(call: Call, taint: frozenset[Taint]) -> None:
    decision = decide(call, taint)
    settled = settle(decision, interactive=False)
    assert settled.verdict is (Verdict.ALLOW if decision.verdict is Verdict.ALLOW else Verdict.DENY)


@pytest.mark.parametrize("verdict", Verdict)
def test_somebody_to_ask_leaves_the_verdict(verdict: Verdict) -> None:
    assert settle(Decision(verdict, "why"), interactive=True) == Decision(verdict, "why")


def test_what_the_user_attached_is_read_beside_a_page_of_strangers() -> None:
    attached = _call(Effect.READ_PRIVATE, attached=True)
    assert _verdict(attached, Taint.UNTRUSTED) is Verdict.ALLOW


@pytest.mark.parametrize("facts", [{"egress": True}, {"inside_roots": False}])
def test_an_attached_file_is_asked_about_where_more_than_reading_is_meant(
    facts: dict[str, bool],
) -> None:
    call = _call(Effect.READ_PRIVATE, **{"attached": True, **facts})
    assert _verdict(call, Taint.UNTRUSTED) is Verdict.ASK
