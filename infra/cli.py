"""The command line: `shouhe COMMAND`. Names and JSON keys are a contract.

Each command lives in `infra/commands/` and is imported only when it is called.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but with rejections.
"""

from __future__ import annotations

import sys
import traceback
from importlib.metadata import version
from pathlib import Path

from cyclopts import App, CycloptsError, Parameter

from domain.errors import ShouheError, UnknownEventType, WrongUsageError
from infra.console import FAILED, WRONG_USAGE, note
from infra.days import storable

COMMANDS = {
    "demo": ("demo:demo", "The whole road on a synthetic county, to one director's list."),
    "simulate": ("simulate:simulate", "The events of a synthetic county, as CloudEvents JSONL."),
    "import": (
        "import_:import_events",
        "Take in files of events, one CloudEvent a line; safe to repeat.",
    ),
    "project": ("project:project", "Bring the read models to the head of the log."),
    "rebuild": ("project:rebuild", "Build read models anew beside the old ones, then swap."),
    "relay": ("stages:relay", "Keep Kafka at the head of the log, until stopped."),
    "sink": ("stages:sink", "Keep ClickHouse's events at the head of Kafka, until stopped."),
    "intake": ("stages:intake", "Take in what services send by Kafka, until stopped."),
    "verify": ("verify:verify", "Fold the log in Python and compare it with ClickHouse."),
    "query": ("query:query", "A read-only ClickHouse query."),
    "train": ("train:train", "Train and judge a risk model as of a day."),
    "approve": ("approve:approve", "Let a trained model score and order lists, until a day."),
    "retire": ("approve:retire", "Retire a model; --all: lists fall back to duty order at once."),
    "judge": (
        "judge:judge",
        "Judge a model on this log, walking forward, beside what a county does today.",
    ),
    "score": ("score:score", "Score everyone on the ledger with an approved model, with reasons."),
    "list": (
        "list_:list_",
        "The visit lists of a week: duty first, then risk. Recorded as events.",
    ),
    "monitor": (
        "monitor:monitor",
        "Drift, calibration and random visits of the models at work; alerts as events.",
    ),
    "other-list": (
        "other_list:other_list",
        "What another list would have found, from the visits drawn by lot.",
    ),
    "changes": (
        "changes:changes",
        "Why places on a village's lists changed: model, event, calendar, tie.",
    ),
    "touched": (
        "touched:touched",
        "Past lists and scores that knew a corrected event, or a child.",
    ),
    "policy-lab": (
        "policy_lab:policy_lab",
        "List policies compared over a simulated year, on the same lives.",
    ),
    "duties": ("oversight:duties", "What is due or overdue on a day: when, by whom, why."),
    "indicators": ("oversight:show_indicators", "The 18 tasks in numbers, by place."),
    "cases": ("cases:cases", "Where each case stands and what is next: by when, by whom."),
    "child-file": ("child_file:child_file", "一人一档: a child's file in five parts, as a PDF."),
    "settings": ("settings:settings", "The numbers of the rules at a place, since when, by whom."),
    "entitlements": (
        "entitlements:entitlements",
        "Who has a claim and isn't covered; what to pay; what is wrong; what to confirm.",
    ),
    "schema": ("schema:schema", "JSON Schema of the events."),
    "serve": ("serve:serve", "Pages, intake and the analysts' endpoint."),
    "copy": ("copy:copy", "Move an event store to PostgreSQL or back, and compare the two."),
    "ddl": ("cluster:ddl", "The tables and views of a ClickHouse cluster, as SQL."),
    "forget": ("forget:forget", "Erase a child's personal data."),
    "retention": ("retention:retention", "How long files are kept; which long enough."),
    "subject-copy": (
        "subject_copy:subject_copy",
        "All that is held about a child, and who read it, for child or guardian.",
    ),
    "looks": ("looks:looks", "Who read which child's data; anomalous days, with reasons."),
    "doctor": ("doctor:doctor", "Check the set-up, and say how to mend it."),
}
"""name → (function in infra/commands, what it does in a line)."""

GROUPS = ("rejected", "report", "account", "audit")
"""Commands that have commands of their own; below, in `build`."""

USAGE = (WrongUsageError, UnknownEventType)
"""What was asked for makes no sense: exit code 2."""


def build() -> App:
    """The command tree. Raises nothing; builds nothing but names."""
    app = App(
        name="shouhe",
        default_parameter=Parameter(validator=storable),
        help="守禾: events of a county go in, tomorrow's visit lists come out.",
        version=version("shouhe"),
        version_flags=["--version"],
        result_action="return_value",
    )
    for name, (path, words) in COMMANDS.items():
        app.command(f"infra.commands.{path}", name=name, help=words)
    rejected = App(name="rejected", help="Kept rejections: list or `replay` them.")
    rejected.default(_rejected)
    rejected.command("infra.commands.rejected:replay", name="replay")
    app.command(rejected)
    report = App(name="report", help="What officials hand in, made from the log.")
    report.command("infra.commands.report:november", name="november")
    report.command("infra.commands.report:monthly", name="monthly")
    app.command(report)
    account = App(name="account", help="Who may sign in to the pages: list, add, reset, disable.")
    account.default(_accounts)
    for name in ("add", "reset", "disable", "unlock"):
        account.command(f"infra.commands.account:{name}", name=name)
    app.command(account)
    audit = App(name="audit", help="Seal the log, and prove that nothing of it was changed.")
    for name in ("seal", "verify", "key"):
        audit.command(f"infra.commands.audit:{name}", name=name)
    app.command(audit)
    return app


def _accounts(*, json: bool = False) -> int | None:
    """List the accounts.

    Parameters
    ----------
    json
        One JSON array of `name`, `person`, `role`, `place`, `has_factor`, `locked_until`,
        `disabled`, `must_change`.
    """
    from infra.commands.account import accounts  # noqa: PLC0415 - imported only when called

    return accounts(json=json)


def _rejected(*, code: str = "", limit: int = 30, json: bool = False) -> int | None:
    """List the kept rejections: how many of each kind, and what to do.

    Parameters
    ----------
    code
        Only rejections of this code.
    limit
        How many to print one by one.
    json
        One JSON array of `source`, `id`, `type`, `code`, `field`, `value`, `message`,
        `received_at`, `attempts`.
    """
    from infra.commands.rejected import rejected  # noqa: PLC0415 - imported only when called

    return rejected(code=code, limit=limit, json=json)


def run(tokens: list[str]) -> int:
    """Run one command line; returns its exit code. Errors are one clear line, never a traceback."""
    try:
        result = build()(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        note(f"shouhe: {' '.join(str(error).split())} (see `shouhe --help`)")
        return WRONG_USAGE
    except ShouheError as error:
        note(f"shouhe: {error}")
        return WRONG_USAGE if isinstance(error, USAGE) else FAILED
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        note("shouhe: stopped")
        return 130
    except Exception as error:  # the outermost frame: one line, never a traceback
        if sys.flags.dev_mode:
            raise
        note(f"shouhe: {_fault(error)}")
        return FAILED
    return result if isinstance(result, int) else 0


def _fault(error: Exception) -> str:
    """What went wrong, and where. Without values of our own: they may be a child's."""
    missing = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    if isinstance(missing, ModuleNotFoundError):
        return f"{missing.name}: this package is not installed; run `uv sync --all-extras`"
    if isinstance(error, OSError):
        return f"{error.filename or 'system'}: {error.strerror or error}; check disk and rights"
    if type(error).__module__.startswith("clickhouse_connect"):
        return f"clickhouse: {(str(error).splitlines() or ['no answer'])[0][:1000]}"
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    return (
        f"a fault of this program ({type(error).__name__} at {where}); nothing was left half-done;"
        " report it with the output of `uv run python -X dev -m infra …`"
    )


def main() -> None:
    """Entry point of the `shouhe` command."""
    sys.exit(run(sys.argv[1:]))
