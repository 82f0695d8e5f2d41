"""The `waymark` command as a process: `python -m deploy` is the same."""

import gc


def main() -> None:
    """Run the command; meanwhile what was imported is garbage to nobody."""
    gc.disable()  # what an import makes stays: to look through it again and again is a fifth of it
    from deploy.cli import main as waymark  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    waymark()


if __name__ == "__main__":
    main()
