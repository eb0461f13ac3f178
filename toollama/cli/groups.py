"""The options that commands share, each group one frozen object to the command that takes it.

A command names a group as one parameter; `spread` puts the group's fields in its place in the
signature that Typer reads. Defaults and help stand here once, and what a group means to a session
or to the screen is its methods. Groups import nothing heavy before a method is called.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any

from toollama.cli import options as opt
from toollama.cli import shape
from toollama.cli.saving import STDOUT

if TYPE_CHECKING:
    from toollama.agents.messages import Thread
    from toollama.ask_options import AskOptions
    from toollama.cli.stdin import Intake
    from toollama.cli.views import View


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with the fields of its groups as parameters of its own.

    A parameter is a group where its annotation is a dataclass.
    """
    signature = inspect.signature(command)
    groups = {
        name: inspect.signature(parameter.annotation).parameters
        for name, parameter in signature.parameters.items()
        if isinstance(parameter.annotation, type) and is_dataclass(parameter.annotation)
    }

    @wraps(command)
    def taking_each(**given: Any) -> None:
        for name, fields in groups.items():
            theirs = {field: given.pop(field) for field in fields if field in given}
            given[name] = signature.parameters[name].annotation(**theirs)
        command(**given)

    parameters = chain.from_iterable(
        groups[name].values() if name in groups else [parameter]
        for name, parameter in signature.parameters.items()
    )
    keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    taking_each.__signature__ = signature.replace(parameters=keyword_only)  # type: ignore[attr-defined]
    taking_each.__annotations__ = {each.name: each.annotation for each in keyword_only}
    return taking_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user gave: words, files, stdin, a template."""

    prompt: opt.Prompt = None
    files: opt.Files = None
    template: shape.TemplateOption = None
    parameters: shape.ParameterOption = None
    read_stdin: opt.Stdin = None
    stdin_timeout: opt.StdinTimeout = None
    max_stdin: opt.MaxStdin = "2MiB"

    @property
    def words(self) -> str:
        """Return the words of the command line as one text."""
        return " ".join(self.prompt or [])

    def intake(self, on_silence: Callable[[], None]) -> "Intake":
        """Return how stdin is read. Raises `InputError`."""
        from toollama.cli import spans, stdin
        from toollama.config import parse_bytes

        timeout = self.stdin_timeout
        return stdin.Intake(
            wanted=self.read_stdin,
            timeout_s=None if timeout is None else spans.seconds(timeout, "--stdin-timeout"),
            max_bytes=parse_bytes(self.max_stdin),
            on_silence=on_silence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Which models play which roles."""

    models: opt.Models = None
    profile: opt.Profile = None

    def by_role(self) -> dict[str, str]:
        """Return the models named by `-m`, by role. Raises `InputError`."""
        from toollama.cli import asking

        return asking.models_by_role(self.models or [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving(Crew):
    """How a request is served: by whom, with which tools, on which hardware, within what limits."""

    vram: opt.Vram = None
    cpu: opt.Cpu = False
    wait: opt.Wait = False
    seed: opt.Seed = None
    depth: shape.DepthOption = shape.Depth.DETAILED
    system: opt.System = None
    no_tools: opt.NoTools = False
    tools: opt.Tools = None
    offline: opt.Offline = False
    yes: opt.Yes = None
    no_input: opt.NoInput = False
    budget: opt.Limits = None
    timeout: opt.Timeout = None
    max_tool_calls: opt.MaxToolCalls = None
    max_tokens: opt.MaxTokens = None
    strict: opt.Strict = False

    def ask_options(self, **others: Any) -> "AskOptions":
        """Return a request of these options that has no words yet; `others` are its other fields.

        Raises `InputError`.
        """
        from toollama.cli import approval, limits
        from toollama.config import parse_bytes
        from toollama.session import AskOptions

        return AskOptions(
            prompt="",
            models=self.by_role(),
            profile=self.profile,
            vram_bytes=None if self.vram is None else parse_bytes(self.vram),
            use_gpu=not self.cpu,
            wait_for_gpu=self.wait,
            seed=self.seed,
            depth=self.depth.value,
            system=self.system or "",
            use_tools=not self.no_tools,
            tools=tuple(self.tools or ()),
            interactive=approval.can_ask(no_input=self.no_input),
            granted=frozenset(self.yes or []),
            budget=limits.budget(
                self.budget or [],
                self.depth.value,
                timeout=self.timeout,
                max_tool_calls=self.max_tool_calls,
                max_tokens=self.max_tokens,
            ),
            strict=self.strict,
            **others,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Which conversation a request belongs to."""

    go_on: opt.Continue = False
    session_name: opt.SessionName = None
    fork: opt.Fork = False

    def thread(self) -> "Thread":
        """Return the conversation. Raises `InputError`."""
        from toollama.cli import threads

        return threads.thread(self.session_name, go_on=self.go_on, fork=self.fork)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What of a run is told, and how it looks."""

    quiet: opt.Quiet = False
    verbose: opt.Verbose = 0
    show: opt.Show = None
    render: opt.RenderOption = opt.Render.AUTO
    plain: opt.Plain = False
    colour: opt.ColourOption = opt.Colour.AUTO
    width: opt.Width = None

    def view(self, **others: Any) -> "View":
        """Return what is shown; `others` are the view's other fields. Raises `InputError`."""
        from toollama.cli import views

        view = views.View(
            quiet=self.quiet,
            verbosity=self.verbose,
            show=views.parts(self.show),
            look=views.look(self.render, plain=self.plain, width=self.width, colour=self.colour),
            **others,
        )
        views.check(view)
        return view


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed(Shown):
    """The form that one answer is printed in, and where it goes."""

    json: opt.Json = False
    jsonl: opt.Jsonl = False
    output: opt.Output = None
    extract: opt.Extract = False
    extract_language: opt.ExtractLanguage = None
    format_: shape.FormatOption = None
    schema: shape.SchemaOption = None

    def view(self, **others: Any) -> "View":
        """Return what is shown, and in which form. Raises `InputError`."""
        return Shown.view(
            self,
            json=self.json or self.format_ is shape.Format.JSON,
            jsonl=self.jsonl,
            output=None if self.output == STDOUT else self.output,
            extract=self.extract_language or ("" if self.extract else None),
            format=self.format_.value if self.format_ else "",
            document=self.schema is not None,
            **others,
        )
