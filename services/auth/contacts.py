"""E-mail addresses, phone numbers and names, each in the one form in which it is compared."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

HOME_REGION, HOME_CODE = "VN", 84
# The library would read letters as the digits on their keys, and drop an extension.
_DIALLED = re.compile(r"[0-9+ ().-]+")


def email_of(text: str) -> str:
    """Return the address in its normal form (RFC 5321, 5890), its local part as written.

    That part is ASCII: too many mail servers take no other (RFC 6531), and no code would come.
    No DNS is asked, and `.test` is fine: it is for trying out (RFC 6761).

    Raises:
        ValueError: it is no address, or one to which no mail can go.
    """
    try:
        return validate_email(
            text, check_deliverability=False, test_environment=True, allow_smtputf8=False
        ).normalized
    except EmailNotValidError as error:
        raise ValueError(f"is not an e-mail address: {error}") from error


def phone_of(text: str) -> str:
    """Return the number in E.164; one without a country code is Vietnamese.

    A number counts by its length for its country. Its range is not asked: new ranges open faster
    than tables of them are updated.

    Raises:
        ValueError: it is no phone number.
    """
    if not _DIALLED.fullmatch(text):
        raise ValueError("is not a phone number: digits, + and ( ) . - only")
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"is not a phone number: {error}") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a phone number: wrong length")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def as_dialled(phone: str) -> str:
    """Return an E.164 number as people here write it: `+84909123456` is `0909123456`."""
    number = phonenumbers.parse(phone)
    if number.country_code != HOME_CODE:
        return phone
    return "0" + phonenumbers.national_significant_number(number)


def contact_of(typed: str) -> str:
    """Return what an account is found by, of an address or number as somebody typed it.

    Raises:
        ValueError: it is neither.
    """
    return key_of(email_of(typed)) if "@" in typed else phone_of(typed)


def key_of(name: str) -> str:
    """Return what two names or addresses have in common that differ in case or width only."""
    return unicodedata.normalize("NFKC", name).casefold()
