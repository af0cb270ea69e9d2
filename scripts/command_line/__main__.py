"""`python -m scripts.command_line`, where the command `sovang` is not installed."""

from scripts.command_line import main

if __name__ == "__main__":
    main()
