"""The edge to browsers and to the agency's own systems: HTTP and the socket."""
