"""What to do: each service turns a request into one unit of work, and speaks to the world through ports only."""
