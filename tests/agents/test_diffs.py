"""A diff is counted, not guessed."""

from toollama.agents import diffs

DIFF = """\
diff --git a/one.py b/one.py
--- a/one.py
+++ b/one.py
@@ -1,3 +1,3 @@
 kept
-old line
+new line
+--- not a header
diff --git a/two.py b/two.py
--- a/two.py
+++ b/two.py
@@ -10 +10,0 @@
-gone
"""


def test_added_and_removed_lines_are_counted_by_file() -> None:
    assert [(c.path, c.added, c.removed) for c in diffs.changes(DIFF)] == [
        ("one.py", 2, 1),
        ("two.py", 0, 1),
    ]


def test_the_whole_comes_first_and_the_largest_file_next() -> None:
    assert diffs.describe(DIFF) == [
        "The diff changes 2 files: 2 lines added, 2 removed.",
        "one.py: 2 added, 1 removed.",
        "two.py: 0 added, 1 removed.",
    ]


def test_a_diff_without_git_headers_is_a_diff() -> None:
    plain = "--- a.txt\n+++ b.txt\n@@ -1 +1 @@\n-x\n+y\n"
    assert [(c.path, c.added, c.removed) for c in diffs.changes(plain)] == [("b.txt", 1, 1)]


def test_prose_is_not_a_diff() -> None:
    assert diffs.describe("- one\n- two\n+ three\n") == []
