"""Words without case, accents and plural, so that `Order_Dates` is `order date`. Pure."""

import re
import unicodedata


def stems(text: str) -> tuple[str, ...]:
    """Return the words of a text or a name as stems: `Order_Dates` is `orderDate`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    folded = unicodedata.normalize("NFKD", spaced).casefold()
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return tuple(_stem(word) for word in re.findall(r"[^\W_]+", plain))


def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = word.removesuffix("e") if len(word) > 3 else word
    return word[:-1] + "i" if len(word) > 3 and word.endswith("y") else word
