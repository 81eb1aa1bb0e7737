"""The keys that tokens are encrypted with: Fernet's, the newest first.

https://cryptography.io/en/latest/fernet/
"""

from cryptography.fernet import Fernet, MultiFernet

from bot.settings import SettingsError

_MAKE = "`knowhow workspaces key` makes one"


def read_keys(given: str) -> MultiFernet:
    """Keys with commas between: the first encrypts, all of them decrypt.

    Raises SettingsError with what to do, never with a key.
    """
    keys = [one.strip() for one in given.split(",") if one.strip()]
    if not keys:
        raise SettingsError(f"KNOWHOW_TOKEN_KEYS not set: {_MAKE}")
    try:
        return MultiFernet([Fernet(one) for one in keys])
    except ValueError:
        raise SettingsError(
            f"KNOWHOW_TOKEN_KEYS: expected keys of 44 characters with commas between; {_MAKE}"
        ) from None


def new_key() -> str:
    """One more key, for the front of the list."""
    return Fernet.generate_key().decode()
