"""The Chinese of every text: what is missing, what is left over, and where a new text belongs.

`python -m deploy.translations check` exits 1 and names each text without Chinese, each Chinese whose placeholders are
not those of the text, each left over from a text that is gone, and each text with two different translations.
`python -m deploy.translations extract AREA …` adds the missing texts of an area to its catalogue, to be filled in;
without an area, of all.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "web" / "locale" / "zh_CN"
CODE = ("services", "gateway", "web/charts", "deploy")
TEMPLATES = "web/templates"
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w+)\}")
JINJA = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"}

Key = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """A text as it stands in the code. context: of pgettext, empty without. plural: empty where it has none."""

    area: str
    where: str
    singular: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> Key:
        """What a translation is looked up by."""
        return self.context, self.singular


@dataclass(frozen=True)
class Translation:
    """A translation as it stands in a catalogue."""

    area: str
    singular: str
    context: str
    chinese: str
    fuzzy: bool = False

    @property
    def key(self) -> Key:
        """What it is looked up by."""
        return self.context, self.singular


def area_of(path: Path, root: Path = ROOT) -> str:
    """The catalogue that the texts of a file belong to."""
    parts = path.relative_to(root).parts
    if parts[0] == "services":
        return parts[1]
    if parts[:2] == ("web", "charts"):
        return "charts"
    if parts[:2] == ("web", "templates"):
        return "components" if len(parts) == 3 or parts[2] == "components" else f"pages-{parts[2]}"
    return parts[0]


def _sources(root: Path) -> Iterator[tuple[Path, str]]:
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            yield path, "python"
    for path in sorted((root / TEMPLATES).rglob("*.html")):
        yield path, "jinja2.ext:babel_extract"


def texts(root: Path = ROOT) -> list[Text]:
    """Every text that code and templates show to people."""
    found: list[Text] = []
    for path, method in _sources(root):
        options = JINJA if method != "python" else {}
        for line, message, _comments, context in extract(
            method, BytesIO(path.read_bytes()), keywords=DEFAULT_KEYWORDS, options=options
        ):
            forms = (message,) if isinstance(message, str) else message
            if forms[0]:
                where = f"{path.relative_to(root)}:{line}"
                plural = forms[1] if len(forms) > 1 else ""
                found.append(Text(area_of(path, root), where, forms[0], plural or "", context or ""))
    return found


def _catalogue(area: str, folder: Path) -> Catalog:
    path = folder / f"{area}.po"
    if not path.exists():
        return Catalog(locale="zh_CN")
    with path.open("rb") as file:
        return read_po(file, locale="zh_CN")


def translations(folder: Path = CATALOGUES) -> list[Translation]:
    """Every translation of all catalogues."""
    found: list[Translation] = []
    for path in sorted(folder.glob("*.po")):
        for message in _catalogue(path.stem, folder):
            singular = message.id if isinstance(message.id, str) else message.id[0]
            chinese = message.string if isinstance(message.string, str) else (message.string or ("",))[0]
            if singular:
                found.append(Translation(path.stem, singular, message.context or "", chinese or "", message.fuzzy))
    return found


def placeholders(text: str) -> set[str]:
    """The names that a text is filled with."""
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def faults(used: list[Text], known: list[Translation]) -> list[str]:
    """What is wrong, a line each, in the order of the code."""
    wanted: dict[Key, Text] = {}
    for text in used:
        wanted.setdefault(text.key, text)
    given: dict[Key, Translation] = {}
    lines: list[str] = []
    for entry in known:
        other = given.setdefault(entry.key, entry)
        if entry.chinese and other.chinese and other.chinese != entry.chinese:
            lines.append(
                f"{entry.singular!r}: {entry.area}.po says {entry.chinese!r}, {other.area}.po {other.chinese!r}"
            )
        if entry.chinese and not other.chinese:
            given[entry.key] = entry
        if entry.key not in wanted:
            lines.append(f"{entry.area}.po: {entry.singular!r} is not used any more")
    for key, text in wanted.items():
        found = given.get(key)
        if found is None or not found.chinese or found.fuzzy:
            lines.append(f"{text.where}: {text.singular!r} has no Chinese (belongs to {text.area}.po)")
        elif placeholders(found.chinese) - {"num"} != placeholders(text.plural or text.singular) - {"num"}:
            lines.append(f"{found.area}.po: {text.singular!r} and {found.chinese!r} are filled with different names")
    return lines


def add_missing(area: str, used: list[Text], known: list[Translation], folder: Path = CATALOGUES) -> int:
    """Write the area's texts that no catalogue has into its own, without Chinese; how many."""
    have = {entry.key for entry in known}
    missing = {text.key: text for text in used if text.area == area and text.key not in have}
    if not missing:
        return 0
    catalogue = _catalogue(area, folder)
    for text in missing.values():
        message = (text.singular, text.plural) if text.plural else text.singular
        catalogue.add(message, context=text.context or None)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{area}.po").open("wb") as file:
        write_po(file, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return len(missing)


def main(arguments: list[str] | None = None) -> int:
    """0 when every text has its Chinese, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="translations", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="name what is missing, left over or in conflict")
    commands.add_parser("extract", help="add the missing texts of areas to their catalogues").add_argument(
        "areas", nargs="*"
    )
    options = parser.parse_args(arguments)
    used, known = texts(), translations()
    if options.command == "extract":
        for area in options.areas or sorted({text.area for text in used}):
            print(f"{area}.po: {add_missing(area, used, known)} texts added")
        return 0
    lines = faults(used, known)
    for line in lines:
        print(line, file=sys.stderr)
    if not lines:
        print(f"{len({text.key for text in used})} texts have their Chinese")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
