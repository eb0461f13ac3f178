"""A strict reader of what a program sends to a terminal: every control function, and which may be.

The grammar is that of ECMA-48, 5th edition, 5.3-5.6, as xterm and its kin read it. Pure.
"""

import re

_CONTROL = re.compile(
    rb"\r\x1b\[2K"  # one status line erased: meant only as a whole
    rb"|\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"  # control sequence
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system command
    rb"|\x1b[PX^_][^\x1b]*\x1b\\"  # device control and other strings
    rb"|\x1b[\x20-\x2f]*[\x30-\x7e]"  # escape sequence
    rb"|[\x00-\x1f\x7f]"  # control characters, and an escape that begins nothing
    rb"|\xc2[\x80-\x9f]"  # their 8-bit forms in UTF-8
    rb"|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb]"
    rb"|\xf3\xa0[\x80-\x81][\x80-\xbf]"  # invisible and bidirectional format characters
)
LINES = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[2K|[\r\n\t]")
"""What a command writes: colours, the erased status line, line ends."""
MODES = re.compile(
    rb"\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d+u|\x1b\[<u"
)
"""What Textual 8 switches on and off, and asks."""
_DRAWING = re.compile(
    rb"\x1b\[[0-9;]*m|\x1b\[\d+;\d+H|[\r\n]|\x1b\]22;(?:default|pointer|text|[a-z]+-resize)\x07|\x07"
)


def controls(written: bytes) -> list[bytes]:
    """Return every control function among the bytes, in order."""
    return _CONTROL.findall(written)


def foreign_to_lines(written: bytes) -> list[bytes]:
    """Return the control functions that no command of the program writes."""
    return [found for found in controls(written) if not LINES.fullmatch(found)]


def foreign_to_screen(written: bytes) -> list[bytes]:
    """Return the control functions that the full screen does not write."""
    return [
        found
        for found in controls(written)
        if not (MODES.fullmatch(found) or _DRAWING.fullmatch(found))
    ]


def switched(written: bytes) -> list[bytes]:
    """Return the modes that were switched or asked for, in order: the same for any text shown."""
    return [found for found in controls(written) if MODES.fullmatch(found)]
