"""Money: an exact decimal amount with its ISO 4217 currency. Never a float."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact

# Currencies whose minor unit is not a hundredth (ISO 4217).
MINOR_DIGITS = {
    "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "XAF": 0, "XOF": 0, "XPF": 0, "UGX": 0, "PYG": 0, "RWF": 0,
    "BHD": 3, "KWD": 3, "OMR": 3, "JOD": 3, "TND": 3, "IQD": 3, "LYD": 3,
}  # fmt: skip
# Decimal's usual 28 digits would round a product before the line does; here a digit that is lost is an error.
EXACT = Context(prec=400, traps=[Inexact])
ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Money:
    """amount: exact. currency: three capital letters."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __mul__(self, factor: Decimal) -> "Money":
        """Exact; `rounded` is called once, at the line."""
        return Money(EXACT.multiply(self.amount, factor), self.currency)

    def __neg__(self) -> "Money":
        return Money(EXACT.minus(self.amount), self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def rounded(self) -> "Money":
        """Half-up to the currency's minor unit: away from zero, for a credit as for a charge."""
        unit = Decimal(1).scaleb(-minor_digits(self.currency))
        # plus: what rounds to nothing has no sign
        return Money(ROUNDING.plus(self.amount.quantize(unit, context=ROUNDING)), self.currency)

    def as_json(self) -> dict[str, str]:
        """As money travels: {"amount": "2000.00", "currency": "CNY"}, at least the minor unit's digits."""
        return {"amount": amount_text(self.amount, self.currency), "currency": self.currency}

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are not added")


def minor_digits(currency: str) -> int:
    """How many digits the currency's minor unit has: 2 for CNY, 0 for JPY."""
    return MINOR_DIGITS.get(currency, 2)


def amount_text(amount: Decimal, currency: str) -> str:
    """The amount with its minor unit's digits, more only where they are not zero."""
    digits = minor_digits(currency)
    exact = amount.normalize(EXACT)
    exponent = exact.as_tuple().exponent
    places = max(digits, -exponent if isinstance(exponent, int) else digits)
    return f"{amount:.{places}f}"
