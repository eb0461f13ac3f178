"""Languages by their English names and ISO 639-1 codes. Data and look-up only."""

_CODES = {
    "Afrikaans": "af", "Albanian": "sq", "Arabic": "ar", "Armenian": "hy", "Azerbaijani": "az",
    "Basque": "eu", "Belarusian": "be", "Bengali": "bn", "Bosnian": "bs", "Bulgarian": "bg",
    "Catalan": "ca", "Chinese": "zh-CN", "Croatian": "hr", "Czech": "cs", "Danish": "da",
    "Dutch": "nl", "English": "en", "Esperanto": "eo", "Estonian": "et", "Finnish": "fi",
    "French": "fr", "Galician": "gl", "Georgian": "ka", "German": "de", "Greek": "el",
    "Gujarati": "gu", "Hebrew": "he", "Hindi": "hi", "Hungarian": "hu", "Icelandic": "is",
    "Indonesian": "id", "Irish": "ga", "Italian": "it", "Japanese": "ja", "Kazakh": "kk",
    "Korean": "ko", "Latin": "la", "Latvian": "lv", "Lithuanian": "lt", "Macedonian": "mk",
    "Malay": "ms", "Maltese": "mt", "Norwegian": "no", "Persian": "fa", "Polish": "pl",
    "Portuguese": "pt", "Punjabi": "pa", "Romanian": "ro", "Russian": "ru", "Serbian": "sr",
    "Slovak": "sk", "Slovenian": "sl", "Somali": "so", "Spanish": "es", "Swahili": "sw",
    "Swedish": "sv", "Tagalog": "tl", "Tamil": "ta", "Telugu": "te", "Thai": "th",
    "Turkish": "tr", "Ukrainian": "uk", "Urdu": "ur", "Vietnamese": "vi", "Welsh": "cy",
}  # fmt: skip
_NAMES = {code.lower(): name for name, code in _CODES.items()} | {"zh": "Chinese"}
_ALIASES = {
    "mandarin": "Chinese",
    "farsi": "Persian",
    "castilian": "Spanish",
    "filipino": "Tagalog",
}

NAMES = tuple(_CODES) + tuple(alias.capitalize() for alias in _ALIASES)
"""Every name that is understood."""


def language_name(words: str) -> str:
    """Return the name of the language that a name or code means; "" for none."""
    folded = words.strip().lower()
    return (
        _ALIASES.get(folded)
        or _NAMES.get(folded)
        or (folded.capitalize() if folded.capitalize() in _CODES else "")
    )


def code_of(name: str) -> str:
    """Return the code of a language that `language_name` gave."""
    return _CODES[name]
