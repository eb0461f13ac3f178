"""German and Spanish questions in the words that the tools read, which are English. Pure.

Only what asks is put into English: question words, units, counts and dates. A name, a quotation and
whatever else is not in the glossary stay as they are, and a request in other words is left alone.
"""

import re
from dataclasses import dataclass
from functools import cache

_GERMAN = """
wie viele=how many|wieviele=how many|wie viel=how much|wieviel=how many
wie spät ist es=what time is it|wie lange=how long|was ist=what is|was sind=what are
was kostet=what does|welcher tag=what day|welcher wochentag=what day|wann ist=when is
sind es=are there|gibt es=are there|noch=|hat=has|haben=have|ist=is|sind=are|war=was
in der datei=in|in=in|bis zum=until|bis zur=until|bis=until|seit=since|zwischen=between|und=and
von=of|vom=of|am=on|heute=today|morgen=tomorrow|gestern=yesterday|prozent=percent|plus=plus
minus=minus|mal=times|geteilt durch=divided by|wurzel aus=square root of|tage=days|tag=day
wochen=weeks|monate=months|jahre=years|stunden=hours|minuten=minutes|wörter=words|worte=words
zeilen=lines|sätze=sentences|zeichen=characters|absätze=paragraphs|meilen=miles
kilometer=kilometers|meter=meters|zoll=inches|fuß=feet|pfund=pounds|unzen=ounces|gramm=grams
liter=liters|gallonen=gallons|grad=degrees|weihnachten=christmas|silvester=new years eve
januar=January|februar=February|märz=March|mai=May|juni=June|juli=July|oktober=October
dezember=December|durchschnitt=average|summe=sum|der=the|die=the|das=the|den=the|dem=the
enthält=contains
"""
_SPANISH = """
cuántos=how many|cuántas=how many|cuánto es=what is|cuánto son=what is|cuánto=how much
qué hora es=what time is it|qué día=what day|cuál es=what is|cuándo es=when is|hay=are there
tiene=has|tienen=have|es=is|son=are|fue=was|en el archivo=in|en=in|hasta=until|desde=since
entre=between|y=and|faltan para=until|quedan para=until|por ciento de=percent of
por ciento=percent|más=plus|menos=minus|dividido por=divided by|multiplicado por=times|por=times
raíz cuadrada de=square root of|de=of|a=to|hoy=today|mañana=tomorrow|ayer=yesterday|días=days
día=day|semanas=weeks|meses=months|años=years|horas=hours|minutos=minutes|palabras=words
líneas=lines|frases=sentences|caracteres=characters|párrafos=paragraphs|millas=miles
kilómetros=kilometers|metros=meters|pulgadas=inches|pies=feet|libras=pounds|onzas=ounces
gramos=grams|litros=liters|galones=gallons|grados=degrees|navidad=christmas|enero=January
febrero=February|marzo=March|abril=April|mayo=May|junio=June|julio=July|agosto=August
septiembre=September|octubre=October|noviembre=November|diciembre=December|promedio=average
suma=sum|el=the|la=the|los=the|las=the|contiene=contains
"""
_OPENINGS = {
    "german": r"(?:wie ?viele?|wie spät|wie lange|was (?:ist|sind|kostet)|welcher|wann)\b",
    "spanish": r"(?:cu[aá]nt[oa]s?|qué (?:hora|día)|cu[aá]l es|cu[aá]ndo)\b",
}
_OPENING = re.compile(
    "|".join(rf"^\W*(?P<{name}>{opening})" for name, opening in _OPENINGS.items()), re.IGNORECASE
)
_KEPT = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|(?<!\S)\S+\.[A-Za-z]\w{1,4}\b")
_ORDINAL_DAY = re.compile(r"(?<!\d)(\d{1,2})\. (?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Glossary:
    english: dict[str, str]
    phrases: re.Pattern[str]


def in_english(text: str) -> str:
    """Return a question that opens in German or Spanish with its asking words in English."""
    opening = _OPENING.match(text)
    if opening is None:
        return text
    glossary = _glossary(opening.lastgroup or "")
    parts: list[str] = []
    end = 0
    for kept in _KEPT.finditer(text):
        parts += [_replaced(text[end : kept.start()], glossary), kept[0]]
        end = kept.end()
    parts.append(_replaced(text[end:], glossary))
    return " ".join("".join(parts).replace("¿", "").split())


def _replaced(text: str, glossary: _Glossary) -> str:
    def english(match: re.Match[str]) -> str:
        return glossary.english[" ".join(match[0].lower().split())]

    return glossary.phrases.sub(english, _ORDINAL_DAY.sub(r"\1 ", text))


@cache
def _glossary(language: str) -> _Glossary:
    lines = {"german": _GERMAN, "spanish": _SPANISH}[language].strip().replace("\n", "|")
    pairs = [entry.partition("=") for entry in lines.split("|")]
    english = {foreign: word for foreign, _, word in pairs}
    longest_first = sorted(english, key=len, reverse=True)
    whole = "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in longest_first)
    return _Glossary(english, re.compile(rf"(?<!\w)(?:{whole})(?!\w)", re.IGNORECASE))
