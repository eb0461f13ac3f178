"""ISO 3166-1 alpha-3 codes by English country names. Pure.

The codes that the World Bank gives populations for, and the names people use for them.
"""

import re
from functools import cache

_NAMES = """
AFG Afghanistan|ALB Albania|DZA Algeria|ASM American Samoa|AND Andorra|AGO Angola
ATG Antigua and Barbuda|ARG Argentina|ARM Armenia|ABW Aruba|AUS Australia|AUT Austria
AZE Azerbaijan|BHS Bahamas|BHR Bahrain|BGD Bangladesh|BRB Barbados|BLR Belarus|BEL Belgium
BLZ Belize|BEN Benin|BMU Bermuda|BTN Bhutan|BOL Bolivia|BIH Bosnia and Herzegovina|BIH Bosnia
BWA Botswana|BRA Brazil|BRN Brunei|BGR Bulgaria|BFA Burkina Faso|BDI Burundi|CPV Cape Verde
CPV Cabo Verde|KHM Cambodia|CMR Cameroon|CAN Canada|CYM Cayman Islands
CAF Central African Republic|TCD Chad|CHL Chile|CHN China|COL Colombia|COM Comoros
COD Democratic Republic of the Congo|COD DR Congo|COG Republic of the Congo|CRI Costa Rica
CIV Ivory Coast|CIV Cote d'Ivoire|CIV Côte d'Ivoire|HRV Croatia|CUB Cuba|CUW Curacao|CYP Cyprus
CZE Czechia|CZE Czech Republic|DNK Denmark|DJI Djibouti|DMA Dominica|DOM Dominican Republic
ECU Ecuador|EGY Egypt|SLV El Salvador|GNQ Equatorial Guinea|ERI Eritrea|EST Estonia|SWZ Eswatini
SWZ Swaziland|ETH Ethiopia|FRO Faroe Islands|FJI Fiji|FIN Finland|FRA France
PYF French Polynesia|GAB Gabon|GMB Gambia|GEO Georgia|DEU Germany|GHA Ghana|GIB Gibraltar
GRC Greece|GRL Greenland|GRD Grenada|GUM Guam|GTM Guatemala|GIN Guinea|GNB Guinea-Bissau
GUY Guyana|HTI Haiti|HND Honduras|HKG Hong Kong|HUN Hungary|ISL Iceland|IND India|IDN Indonesia
IRN Iran|IRQ Iraq|IRL Ireland|IMN Isle of Man|ISR Israel|ITA Italy|JAM Jamaica|JPN Japan
JOR Jordan|KAZ Kazakhstan|KEN Kenya|KIR Kiribati|PRK North Korea|KOR South Korea|KOR Korea
XKX Kosovo|KWT Kuwait|KGZ Kyrgyzstan|LAO Laos|LVA Latvia|LBN Lebanon|LSO Lesotho|LBR Liberia
LBY Libya|LIE Liechtenstein|LTU Lithuania|LUX Luxembourg|MAC Macao|MAC Macau|MDG Madagascar
MWI Malawi|MYS Malaysia|MDV Maldives|MLI Mali|MLT Malta|MHL Marshall Islands|MRT Mauritania
MUS Mauritius|MEX Mexico|FSM Micronesia|MDA Moldova|MCO Monaco|MNG Mongolia|MNE Montenegro
MAR Morocco|MOZ Mozambique|MMR Myanmar|MMR Burma|NAM Namibia|NRU Nauru|NPL Nepal
NLD Netherlands|NLD Holland|NCL New Caledonia|NZL New Zealand|NIC Nicaragua|NER Niger
NGA Nigeria|MKD North Macedonia|MKD Macedonia|MNP Northern Mariana Islands|NOR Norway|OMN Oman
PAK Pakistan|PLW Palau|PSE Palestine|PAN Panama|PNG Papua New Guinea|PRY Paraguay|PER Peru
PHL Philippines|POL Poland|PRT Portugal|PRI Puerto Rico|QAT Qatar|ROU Romania|RUS Russia
RWA Rwanda|WSM Samoa|SMR San Marino|STP Sao Tome and Principe|SAU Saudi Arabia|SEN Senegal
SRB Serbia|SYC Seychelles|SLE Sierra Leone|SGP Singapore|SVK Slovakia|SVN Slovenia
SLB Solomon Islands|SOM Somalia|ZAF South Africa|SSD South Sudan|ESP Spain|LKA Sri Lanka
KNA Saint Kitts and Nevis|LCA Saint Lucia|VCT Saint Vincent and the Grenadines|SDN Sudan
SUR Suriname|SWE Sweden|CHE Switzerland|SYR Syria|TJK Tajikistan|TZA Tanzania|THA Thailand
TLS Timor-Leste|TLS East Timor|TGO Togo|TON Tonga|TTO Trinidad and Tobago|TUN Tunisia
TUR Turkey|TUR Türkiye|TUR Turkiye|TKM Turkmenistan|TCA Turks and Caicos Islands|TUV Tuvalu
UGA Uganda|UKR Ukraine|ARE United Arab Emirates|ARE UAE|GBR United Kingdom|GBR UK
GBR Great Britain|GBR Britain|USA United States|USA United States of America|USA USA|USA US
USA America|URY Uruguay|UZB Uzbekistan|VUT Vanuatu|VEN Venezuela|VNM Vietnam|VNM Viet Nam
VIR US Virgin Islands|YEM Yemen|ZMB Zambia|ZWE Zimbabwe|WLD world|WLD earth|EUU European Union
EUU EU
"""


@cache
def _codes() -> dict[str, str]:
    entries = (entry for line in _NAMES.strip().splitlines() for entry in line.split("|"))
    return {entry[4:].casefold(): entry[:3] for entry in entries}


@cache
def _in_text() -> re.Pattern[str]:
    longest_first = sorted(_codes(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def code_of(country: str) -> str | None:
    """Return the three letters of a country's name, or of the letters themselves; or None."""
    name = country.strip().casefold().removeprefix("the ").rstrip(".")
    codes = _codes()
    if name in codes:
        return codes[name]
    return name.upper() if name.upper() in codes.values() else None


def countries_in(text: str) -> list[str]:
    """Return the countries that a text names, as it spells them; `us` is a pronoun unless `US`."""
    found = (match[0] for match in _in_text().finditer(text))
    return list(dict.fromkeys(name for name in found if name not in {"us", "Us", "eu"}))
