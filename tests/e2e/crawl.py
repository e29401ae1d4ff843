"""Follows every link that somebody who has signed in finds, one of each shape, and says what is wrong with pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx

MOST_PAGES = 150
MOST_RECORDS = 3  # of one kind: they are in different states
RECORD = re.compile(r"[A-Z]{2,3}-\d{4}-\d{6}|[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d")
NAMED = {"tickets": 2, "sources": 1, "calendars": 1, "users": 1}
"""After these, so many parts of a path are names of records."""
FIXED = {"new", "import", "edit"}

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "wbr", "path", "circle", "rect"}
NO_TEXT = {"script", "style", "pre", "code", "svg", "datalist", "noscript"}
SPOKEN = ("aria-label", "title", "placeholder", "alt")
PLACE = re.compile(r"%\(\w+\)|\{\{|\{%|^None$|\bUndefined\b")
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
CHINESE = re.compile(r"[一-鿿]")


@dataclass
class Seen(HTMLParser):
    """What a page holds: links with whether they lie in its main part, ids, and texts with their language."""

    text: str
    links: list[tuple[str, bool]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)
    has_shell: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        if tag == "a" and "href" in given:
            self.links.append((given["href"], self._is_in("main")))
            self.has_shell = self.has_shell or (self._is_in("nav") and given["href"] == "/")
        self.ids.add(given.get("id", ""))
        if not self._is_in(*NO_TEXT):
            self.texts += [(given[name], language) for name in SPOKEN if name in given]
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _language in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_in(*NO_TEXT):
            self.texts.append((" ".join(data.split()), self._open[-1][1] if self._open else ""))

    def _is_in(self, *tags: str) -> bool:
        return any(name in tags for name, _language in self._open)

    def not_in(self, language: str, written: re.Pattern[str]) -> list[str]:
        """Texts that are not in the page's language, and places that nobody has filled."""
        foreign = ENGLISH if language == "zh-CN" else CHINESE
        ours = [(written.sub("", said), spoken) for said, spoken in self.texts]
        return [said for said, spoken in ours if PLACE.search(said) or (spoken == language and foreign.search(said))]


def shape_of(url: str) -> str:
    """The address without what names a record or a value: pages of one shape are one page."""
    parts = urlsplit(url)
    steps, names = [], 0
    for step in parts.path.strip("/").split("/"):
        if (names and step not in FIXED) or RECORD.fullmatch(step):
            steps.append("*")
        else:
            steps.append(step)
        names = NAMED.get(step, max(0, names - 1))
    asked = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    return "/" + "/".join(steps) + ("?" + "&".join(asked) if asked else "")


def is_sorted_and_more(shape: str) -> bool:
    """A list that is narrowed and sorted: either alone is looked at."""
    asked = shape.partition("?")[2].split("&")
    return "sort" in asked and len(asked) > 1


@dataclass
class Crawl:
    """What one person has seen: addresses by their shape, and what was wrong.

    written: what people have written, in whatever language.
    """

    language: str
    written: re.Pattern[str]
    pages: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    async def go(self, person: httpx.AsyncClient, *starts: str) -> "Crawl":
        """Breadth first, so that what lies near is seen before the limit."""
        waiting = [(start, "the beginning") for start in starts]
        for path, found_on in waiting:
            if not self._is_new(path):
                continue
            answer = await person.get(path, headers={"Accept-Language": self.language}, follow_redirects=True)
            if answer.status_code != 200:
                self.faults.append(f"{path} ({answer.status_code}), a link on {found_on}")
            elif answer.headers["content-type"].startswith("text/html"):
                waiting += [(link, path) for link in self._judged(path, Seen(answer.text))]
        return self

    def _is_new(self, path: str) -> bool:
        """Whether to look at it; then it is noted."""
        shape = shape_of(path)
        known = self.pages.setdefault(shape, [])
        most = MOST_RECORDS if shape.endswith("*") else 0 if is_sorted_and_more(shape) else 1
        if path in known or len(known) >= most:
            return False
        known.append(path)
        return sum(map(len, self.pages.values())) <= MOST_PAGES

    def _judged(self, path: str, page: Seen) -> Iterator[str]:
        """The page's links; its faults are noted."""
        self.faults += [f"{path} says {said!r}" for said in page.not_in(self.language, self.written)]
        main = [urldefrag(urljoin(path, href)).url for href, is_in_main in page.links if is_in_main]
        here = urlsplit(path).path
        if not page.has_shell or (RECORD.search(here) and all(urlsplit(href).path.startswith(here) for href in main)):
            self.faults.append(f"{path} has no way back")
        for href, _is_in_main in page.links:
            url, fragment = urldefrag(urljoin(path, href))
            if href.startswith("#") and fragment and fragment not in page.ids:
                self.faults.append(f"{path} points at its #{fragment}, which is not there")
            if urlsplit(url).scheme == "" and not href.startswith("#"):
                yield url
