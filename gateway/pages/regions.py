"""Regions of suppliers: the provinces of China and some countries, by their ISO 3166 codes."""

from gateway.pages.forms import Option
from services.kernel.messages import N_, gettext

REGIONS = {
    "CN-11": N_("Beijing"), "CN-12": N_("Tianjin"), "CN-13": N_("Hebei"), "CN-14": N_("Shanxi"),
    "CN-15": N_("Inner Mongolia"), "CN-21": N_("Liaoning"), "CN-22": N_("Jilin"), "CN-23": N_("Heilongjiang"),
    "CN-31": N_("Shanghai"), "CN-32": N_("Jiangsu"), "CN-33": N_("Zhejiang"), "CN-34": N_("Anhui"),
    "CN-35": N_("Fujian"), "CN-36": N_("Jiangxi"), "CN-37": N_("Shandong"), "CN-41": N_("Henan"),
    "CN-42": N_("Hubei"), "CN-43": N_("Hunan"), "CN-44": N_("Guangdong"), "CN-45": N_("Guangxi"),
    "CN-46": N_("Hainan"), "CN-50": N_("Chongqing"), "CN-51": N_("Sichuan"), "CN-52": N_("Guizhou"),
    "CN-53": N_("Yunnan"), "CN-54": N_("Tibet"), "CN-61": N_("Shaanxi"), "CN-62": N_("Gansu"),
    "CN-63": N_("Qinghai"), "CN-64": N_("Ningxia"), "CN-65": N_("Xinjiang"), "CN-TW": N_("Taiwan"),
    "CN-HK": N_("Hong Kong"), "CN-MO": N_("Macao"), "SG": N_("Singapore"), "JP": N_("Japan"), "IN": N_("India"),
    "MY": N_("Malaysia"), "PH": N_("Philippines"), "VN": N_("Vietnam"), "GB": N_("United Kingdom"),
    "DE": N_("Germany"), "US": N_("United States"),
}  # fmt: skip


def region_name(code: str | None) -> str:
    """The region in the reader's language; a code that is not listed stands for itself, a dash for none."""
    return gettext(REGIONS[code]) if code in REGIONS else code or "—"


def region_options(present: str | None = None) -> list[Option]:
    """All listed regions, and the present one where it is not among them."""
    known = [Option(value=code, title=f"{gettext(name)} · {code}") for code, name in REGIONS.items()]
    return known if present in REGIONS or not present else [*known, Option(value=present, title=present)]
