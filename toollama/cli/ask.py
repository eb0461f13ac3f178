"""`toollama ask`: its options, and what they mean to the session."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from toollama.cli import groups, out, shape
from toollama.cli import options as opt
from toollama.errors import ExitCode

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session

SHORT_HELP = """\
  toollama ask "how many miles are 42 km?"
  git diff | toollama ask "review this"
  toollama ask -f report.pdf "what does it conclude?"

toollama ask --help lists every option."""


@groups.spread
def ask(
    *,
    given: groups.Given,
    plan_only: opt.PlanOnly = False,
    dry_run: opt.DryRun = False,
    from_plan: opt.FromPlan = None,
    direct: opt.Direct = False,
    serving: groups.Serving,
    conversation: groups.Conversation,
    no_save: opt.NoSave = False,
    printed: groups.Printed,
) -> None:
    """Ask once and print the answer.

    Text piped in becomes the request, or an attachment where words are given.
    """
    from toollama.cli import asking, running

    view = printed.view()
    if not (given.prompt or given.files or given.template or from_plan) and _nobody_pipes():
        out.note(SHORT_HELP)
        raise typer.Exit(ExitCode.USAGE)
    keep = not (no_save or dry_run)

    def gather() -> "tuple[Session, AskOptions]":
        plan = None if from_plan is None else shape.plan(from_plan)
        options = serving.ask_options(
            plan_only=plan_only,
            dry_run=dry_run,
            plan=plan,
            direct=direct,
            schema=shape.schema(printed.schema),
            thread=conversation.thread(),
            keep=keep,
        )
        asked = (plan.request or plan.goal) if plan and not given.prompt else ""
        said = replace(given, prompt=[asked]) if asked else given
        return asking.gather(said, options, view, offline=serving.offline)

    raise typer.Exit(running.serve(gather, view, said=given.words, keep=keep))


def _nobody_pipes() -> bool:
    import sys

    return out.is_terminal(sys.stdin)
