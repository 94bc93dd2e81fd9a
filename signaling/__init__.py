"""Virtual visits: schedule, invite, signal and end a home-care visit over video."""
