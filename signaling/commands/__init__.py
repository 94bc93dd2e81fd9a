"""The commands of `virtual-visits`, one module for each group."""
