"""Bytes as text: by byte order mark, as UTF-16 or as UTF-8. Pure. Refuses binary content."""

from toollama.tools.refusal import refusal

_SNIFFED_BYTES = 8_192
_ENCODING_BY_MARK = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decode(data: bytes, *, name: str) -> str:
    """Return the bytes as text with line feeds: by byte order mark, as UTF-16 or as UTF-8.

    Bytes that are not UTF-8 become U+FFFD. Raises `ToolFailure` for binary content.
    """
    encoding = _encoding(data)
    sample = data[:_SNIFFED_BYTES]
    if encoding == "utf-8" and _looks_binary(sample):
        raise refusal(
            f"{name} is a binary file, not text",
            fix="convert it to one of: txt, md, html, csv, json, pdf, docx",
        )
    text = data.decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(data: bytes) -> str:
    for mark, encoding in _ENCODING_BY_MARK:
        if data.startswith(mark):
            return encoding
    sample = data[:_SNIFFED_BYTES]
    # Latin text in UTF-16 without a mark has a zero in nearly every second byte.
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def _looks_binary(sample: bytes) -> bool:
    if b"\0" in sample or sample.startswith((b"PK\x03\x04", b"\x1f\x8b", b"GGUF")):
        return True
    decoded = sample.decode("utf-8", errors="replace")
    odd = sum(char == "\N{REPLACEMENT CHARACTER}" or char < "\t" for char in decoded)
    return odd > 0.3 * len(decoded)
