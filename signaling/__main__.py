"""`python -m signaling` is the command `virtual-visits`."""

from signaling.cli import main

if __name__ == "__main__":
    main()
