"""The `waymark` command as a process: `python -m deploy` is the same."""

import gc
import os
import signal


def main() -> None:
    """Run the command; meanwhile what was imported is garbage to nobody."""
    told = signal.getsignal(signal.SIGINT)
    if told is signal.default_int_handler:
        # Nothing is begun yet; what is being imported would tell of a Ctrl-C at length.
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    gc.disable()  # what an import makes stays: to look through it again and again is a fifth of it
    from deploy.cli import main as waymark  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, told)
    waymark()


if __name__ == "__main__":
    main()
