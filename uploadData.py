#!/usr/bin/env python3
"""Store every crossing of every JSON file in a folder, exactly once, and send an alert when none come."""

from visitorsflow import garbage

if __name__ == "__main__":
    garbage.collect_seldom()

import argparse
import logging
import os
from pathlib import Path

from visitorsflow import __version__, command_line, script
from visitorsflow.reasons import Reason
from visitorsflow.settings import Settings

log = logging.getLogger("uploadData")

# What it can do instead of storing: the options that may go with that besides --config, and what is said of
# others. The first that does not fit says it.
MODES: dict[str, tuple[set[str], Reason]] = {
    "demo": (set(), Reason("demo alone")),
    "try_files": (set(), Reason("try alone")),
    "bundle": ({"folder"}, Reason("bundle alone")),
    "web": (set(), Reason("web alone")),
    "forget": ({"yes"}, Reason("forget alone")),
    "check": ({"folder", "ring"}, Reason("check alone")),
    "view": ({"json"}, Reason("view alone")),
}


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 (with --once) something was rejected or waits, 2 wrong settings."""
    options = _options(argv)
    if options.demo:
        from visitorsflow import demo

        return demo.main(options.demo)
    if options.view:
        from visitorsflow.view.attach import attach

        return script.run(
            "uploadData",
            options.config,
            lambda settings: attach(settings, as_json=options.json),
            when_interrupted=lambda: 0,
            writes=False,
        )
    if options.web is not None:
        from visitorsflow.web.serve import serve

        return script.run(
            "uploadData",
            options.config,
            lambda settings: serve(settings, options.web),
            when_interrupted=lambda: 0,
            writes=False,
        )
    if options.check:
        from visitorsflow.check import run  # for a look now and then, not for months

        return run.main(options.config, lambda settings: _watched(options, settings), ring=options.ring)
    if options.try_files:
        from visitorsflow.check import attempt

        return script.run(
            "uploadData",
            options.config,
            lambda settings: attempt.show(settings, options.try_files),
            when_interrupted=lambda: 1,
            writes=False,
        )
    if options.bundle is not None:
        from visitorsflow import bundle

        return bundle.main(
            options.config,
            Path(options.bundle) if options.bundle else None,
            lambda settings: _watched(options, settings),
        )
    if options.forget:
        from visitorsflow.view.forget import forget

        return script.run(
            "uploadData",
            options.config,
            lambda settings: forget(settings, options.forget, is_sure=options.yes),
            when_interrupted=lambda: 1,
            writes=False,
        )
    from visitorsflow import app  # in the work it would come too late to be left alone by Python's collector

    return script.run(
        "uploadData",
        options.config,
        lambda settings: app.upload(
            settings,
            _watched(options, settings),
            once=options.once,
            plain=options.plain,
            verbose=options.verbose,
        ),
        when_interrupted=lambda: 0,
        watched=lambda settings: _watched(options, settings),
    )


def options_parser() -> argparse.ArgumentParser:
    """Makes the parser of the options; docs/make_tables.py lists them from it."""
    parser = argparse.ArgumentParser(prog="uploadData.py", description=__doc__)
    parser.add_argument("folder", nargs="?", type=_path, help="the folder to watch (default: watch_folder)")
    parser.add_argument(
        "--config", type=command_line.config, help="the settings (default: config.py beside this script)"
    )
    parser.add_argument("--once", action="store_true", help="work off the folder and end")
    parser.add_argument("--plain", action="store_true", help="log lines on the terminal, not the view")
    parser.add_argument("--verbose", action="store_true", help="a line in the log for each file stored")
    parser.add_argument("--view", action="store_true", help="only show the day of the venue; on any PC")
    parser.add_argument("--json", action="store_true", help="with --view: as one JSON object, then end")
    parser.add_argument(
        "--web",
        nargs="?",
        const="127.0.0.1:8080",
        metavar="ADDRESS:PORT",
        help="show the day in browsers (default: 127.0.0.1:8080)",
    )
    parser.add_argument("--check", action="store_true", help="look at everything once, and say what to fix")
    parser.add_argument("--ring", action="store_true", help="with --check: send a test message, unasked")
    parser.add_argument(
        "--try",
        dest="try_files",
        nargs="+",
        type=_path,
        metavar="FILE",
        help="show how files are read, and store nothing",
    )
    parser.add_argument(
        "--bundle",
        nargs="?",
        const="",
        metavar="FILE",
        help="one zip for whoever helps, without secrets (default: beside config.py)",
    )
    parser.add_argument(
        "--demo",
        nargs="?",
        const="zh-TW",
        choices=("zh-TW", "en"),
        help="see a day in two minutes; needs nothing",
    )
    parser.add_argument(
        "--forget",
        type=_name,
        metavar="NAME",
        help="take a camera that is gone out of the view and the alerts",
    )
    parser.add_argument("--yes", action="store_true", help="with --forget: do not ask")
    parser.add_argument("--version", action="version", version=f"VisitorsFlow {__version__}")
    return parser


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = command_line.in_language_of_machine(options_parser())
    options = parser.parse_args(argv)
    given = {name for name, value in vars(options).items() if value != parser.get_default(name)}
    for mode, (others, _) in MODES.items():
        for other in sorted(others & given - {"folder"}):
            if mode not in given:
                parser.error(command_line.said(Reason("option needs", option=other, other=mode)))
    for mode, (others, reason) in MODES.items():
        if mode in given and not given <= {mode, "config", *others}:
            parser.error(command_line.said(reason))
    return options


def _path(text: str) -> Path:
    if not text.strip():  # as from an unset variable in a shell
        raise command_line.wrong(Reason("no folder name"))
    return Path(os.path.expanduser(text))  # a service manager leaves the ~ to us


def _name(text: str) -> str:
    if not text:
        raise command_line.wrong(Reason("no camera name"))
    return text


def _watched(options: argparse.Namespace, settings: Settings) -> Path:
    folder: Path = options.folder or settings.under_home(settings.watch_folder)
    return Path(os.path.abspath(folder))


if __name__ == "__main__":
    script.start(main)
