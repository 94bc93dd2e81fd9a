"""The settings of a server: one table, read from a TOML file and the environment over it, checked all at once."""

from signaling.settings.demo import demo_settings
from signaling.settings.reading import CONFIG_VARIABLE, ConfigurationError, load
from signaling.settings.table import REQUIRED, TABLE, Setting, Settings
from signaling.settings.values import Network, SmtpSecurity

__all__ = [
    "CONFIG_VARIABLE",
    "REQUIRED",
    "TABLE",
    "ConfigurationError",
    "Network",
    "Setting",
    "Settings",
    "SmtpSecurity",
    "demo_settings",
    "load",
]
