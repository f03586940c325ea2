"""`python -m archiver`."""

from archiver.cli import main

if __name__ == "__main__":  # processes that share the work import this module when they start
    main()
