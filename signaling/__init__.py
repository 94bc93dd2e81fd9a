"""Virtual visits: schedule, invite, signal and end a home-care visit over video."""

__version__ = "0.1.0"
