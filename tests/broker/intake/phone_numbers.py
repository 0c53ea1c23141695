"""Writes a random table of telephone numbers in international format, with what Google's phonenumbers makes of each.

A line: class TAB input TAB its E.164. Classes: valid (within a range of its region), possible (only its length fits the region),
impossible (taken, but of a length that the region does not have), refused.
"""
import random
import sys

import phonenumbers as pn
from phonenumbers import PhoneNumberFormat as form
from phonenumbers import PhoneNumberType


def examples():
    types = [v for k, v in vars(PhoneNumberType).items() if isinstance(v, int) and k.isupper() and v != PhoneNumberType.UNKNOWN]
    for region in sorted(pn.SUPPORTED_REGIONS):
        for kind in sorted(set(types)):
            number = pn.example_number_for_type(region, kind)
            if number:
                yield number
    for code in sorted(pn.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = pn.example_number_for_non_geo_entity(code)
        if number:
            yield number


def varied(rng, number):
    digits = list(pn.national_significant_number(number))
    for i in range(rng.randrange(1, len(digits)), len(digits)):
        digits[i] = rng.choice("0123456789")
    return f"+{number.country_code}{''.join(digits)}"


def spellings(rng, text):
    number = pn.parse(text)
    code, national = str(number.country_code), pn.national_significant_number(number)
    yield text
    yield pn.format_number(number, form.INTERNATIONAL)
    yield pn.format_number(number, form.RFC3966)
    separators = [" ", "-", ".", "\u00a0", "\u2011", "/", " - ", ""]
    grouped = "".join(d + (rng.choice(separators) if rng.random() < 0.4 else "") for d in national[:-1]) + national[-1]
    yield f"+{code} {grouped}"
    yield f" +{code} ({national[:2]}) {national[2:]} "
    yield "\uff0b" + "".join(chr(0xFF10 + int(d)) for d in code + national)
    yield "\u202a+" + code + "\u00a0" + "".join(chr(0x0660 + int(d)) for d in national) + "\u202c"
    region = pn.region_code_for_country_code(number.country_code)
    if region != "001" and len(code + national) > 7 and pn.ndd_prefix_for_region(region, True) == "0":
        yield f"+{code} (0){national}"


def verdict(text):
    try:
        number = pn.parse(text)
    except pn.NumberParseException:
        return "refused", "-"
    kind = "valid" if pn.is_valid_number(number) else "possible" if pn.is_possible_number(number) else "impossible"
    return kind, pn.format_number(number, form.E164)


def main():
    rng = random.Random(int(sys.argv[1]))
    rounds = int(sys.argv[2])
    table = set()
    for number in examples():
        exact = pn.format_number(number, form.E164)
        for text in [exact] + [varied(rng, number) for _ in range(rounds)]:
            if verdict(text)[1] == text:  # else a rule of one region rewrites it
                table.update(spellings(rng, text))
    anything = {"+" + "".join(rng.choice("0123456789") for _ in range(rng.randrange(1, 22))) for _ in range(rounds * 400)}
    for text in sorted(table | anything):
        kind, number = verdict(text)
        if kind == "valid" and text not in table and number != text:
            kind = "possible"  # made valid by a rewriting rule of one region
        sys.stdout.write(f"{kind}\t{text}\t{number}\n")


sys.stdout.reconfigure(encoding="utf-8")
main()
