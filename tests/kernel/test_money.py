"""Money: exact until it is rounded once, half-up, at the line."""

from decimal import ROUND_HALF_UP, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.money import Money, amount_text, minor_digits

WIDE = Context(prec=200)
amounts = st.decimals(min_value="-1e15", max_value="1e15", places=4, allow_nan=False)
shares = st.decimals(min_value=0, max_value=1, places=10, allow_nan=False)
currencies = st.sampled_from(["CNY", "JPY", "KWD", "USD"])


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.005", "CNY", "2.01"),
        ("2.0049999", "CNY", "2.00"),
        ("2.015", "CNY", "2.02"),
        ("-2.005", "CNY", "-2.01"),
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("2.4999", "JPY", "2"),
        ("1.0005", "KWD", "1.001"),
        ("1.00049", "KWD", "1.000"),
        ("999999999999999.995", "CNY", "1000000000000000.00"),
        ("-0.001", "CNY", "0.00"),
    ],
)
def test_a_half_goes_up_to_the_currency_s_minor_unit(amount: str, currency: str, rounded: str) -> None:
    """Away from zero on both sides; half-even would give 2.00, 2 and 2."""
    assert Money(Decimal(amount), currency).rounded().as_json() == {"amount": rounded, "currency": currency}


def test_texas_s_example_gives_two_thousand() -> None:
    """100,000 at 10 %, 50 %, 40 %."""
    credit = Money(Decimal("100000"), "CNY") * Decimal("0.10") * Decimal("0.50") * Decimal("0.40")
    assert credit.rounded().as_json() == {"amount": "2000.00", "currency": "CNY"}


@given(amount=amounts, share=shares, allocation=shares, rate=shares, currency=currencies)
def test_a_product_is_rounded_once_whatever_its_length(
    amount: Decimal, share: Decimal, allocation: Decimal, rate: Decimal, currency: str
) -> None:
    """Nineteen digits times three shares of ten places need more digits than Decimal's usual 28."""
    exact = WIDE.multiply(WIDE.multiply(WIDE.multiply(amount, share), allocation), rate)
    product = Money(amount, currency) * share * allocation * rate
    assert product.amount == exact
    expected = exact.quantize(Decimal(1).scaleb(-minor_digits(currency)), ROUND_HALF_UP, WIDE)
    assert product.rounded().amount == expected


@given(first=amounts, second=amounts)
def test_adding_and_taking_away_are_exact(first: Decimal, second: Decimal) -> None:
    total = Money(first, "CNY") + Money(second, "CNY")
    assert total.amount == WIDE.add(first, second)
    assert total - Money(second, "CNY") == Money(first, "CNY")
    assert -total + total == Money(Decimal(0), "CNY")


@given(amount=amounts, currency=currencies)
def test_rounding_again_changes_nothing_and_the_text_reads_back(amount: Decimal, currency: str) -> None:
    rounded = Money(amount, currency).rounded()
    assert rounded.rounded() == rounded
    assert abs(rounded.amount - amount) <= Decimal(1).scaleb(-minor_digits(currency)) / 2
    text = rounded.as_json()["amount"]
    assert Decimal(text) == rounded.amount
    assert len(text.partition(".")[2]) == minor_digits(currency)
    assert not text.startswith("-") or rounded.amount < 0


@given(amount=amounts, currency=currencies)
def test_digits_beyond_the_minor_unit_are_shown_only_where_they_say_something(amount: Decimal, currency: str) -> None:
    text = amount_text(amount, currency)
    places = text.partition(".")[2]
    assert Decimal(text) == amount
    assert len(places) == minor_digits(currency) or not places.endswith("0")


def test_two_currencies_are_never_added_taken_away_or_compared() -> None:
    yuan, dollar = Money(Decimal(1), "CNY"), Money(Decimal(1), "USD")
    for mix in (lambda: yuan + dollar, lambda: yuan - dollar, lambda: yuan < dollar):
        with pytest.raises(ValueError, match="CNY and USD"):
            mix()
