"""`python -m placement` is the command line."""

from placement.cli.main import main

if __name__ == "__main__":
    main()
