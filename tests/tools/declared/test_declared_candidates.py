from tests.tools.answering import offered
from toollama.tools.registry import Registry


def test_words_that_a_parameter_does_not_take_are_not_offered() -> None:
    registry = Registry.builtin()
    assert offered(registry.get("coze_bots"), "which bots do I have on coze", "workspace_id") == []
    assert offered(registry.get("telegraph_page"), "my telegra.ph articles", "path") == []
