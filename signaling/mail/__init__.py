"""Mail: what invites and cancellations say, how they reach the agency's SMTP server, and the demo's mail catcher."""
