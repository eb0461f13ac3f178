"""The tool `social_hunter`: on which public services a user name is taken.

A name that is taken on two services need not belong to one person, and the answer says so.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.presence.sites import SITES, Site, Verdict
from toollama.tools.upstream import json_of

_NAME = r"[\"'@]?(?P<username>[A-Za-z0-9](?:[A-Za-z0-9._-]{1,38}[A-Za-z0-9])?)[\"']?"
_ASKS = compile_asks(
    rf"\b(?:user ?names?|handle|nick(?:name)?|screen name|user) (?:called |named )?{_NAME}"
    r"(?=[\s?.!,]|$)",
    rf"\b(?:who|which sites|where) (?:has|have|is|use[sd]?) {_NAME} (?:as|taken|registered|online)",
    rf"(?<!\S)@{_NAME}(?=[\s?.!,]|$)",
)


class HunterArguments(Arguments):
    """Which name."""

    username: str = Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$", description="the user name"
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What one service says."""

    site: Site
    verdict: Verdict
    failure: ToolFailure | None = None


class SocialHunter(Tool[HunterArguments, tuple[Finding, ...]]):
    """Looks a name up on many services."""

    spec = ToolSpec(
        name="social_hunter",
        summary="Find on which public sites (GitHub, Bluesky, Mastodon …) a user name is taken.",
        utterances=(
            "where is the username torvalds registered",
            "on which sites does the handle moss_walker exist",
            "find social accounts for the username ferrygirl",
            "is the user name blue_heron taken anywhere",
            "look up the nickname oldmill99 on social networks",
            "check username availability for driftwood",
            "which platforms have a user called kelpforest",
            "search social media for the handle @harborwatch",
            "social hunter nightferry",
            "does somebody use the username tidetable on github or gitlab",
            "hunt down the username gravelpath",
            "username search stonebridge",
            "find profiles with the nick fernleaf",
            "who has the handle quietpond online",
            "is @lampkeeper on mastodon, keybase or bluesky",
            "sherlock style lookup of username saltmarsh",
            "accounts named windrose across sites",
            "can I still register the username copperkettle",
            "usrename lookup plumtree",
            "where else is the user longtide active",
            "social presence of the handle greylag",
        ),
        parameters=HunterArguments,
        packs=("drummer.search", "drummer.api"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=tuple(site.host for site in SITES),
        provider="social_hunter",
        rates=(Rate(3 * len(SITES), 60.0),),
        cache_ttl_s=3_600.0,
        homepage="https://docs.github.com/en/rest/users",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the name after `username`, `handle` or `@`."""
        return proposed(text, _ASKS)

    async def execute(self, args: HunterArguments, context: ToolContext) -> tuple[Finding, ...]:
        """Ask every service at once.

        Raises `ToolFailure` where none of them could be asked.
        """
        asked = [self._ask(site, args.username, context) for site in SITES]
        findings = tuple(await asyncio.gather(*asked))
        failures = [finding.failure for finding in findings if finding.failure]
        if len(failures) == len(findings):
            raise failures[0]
        return findings

    async def _ask(self, site: Site, name: str, context: ToolContext) -> Finding:
        parts = urlsplit(site.api.replace("{}", name))
        try:
            reply = await context.http.request(
                "GET",
                f"https://{parts.netloc}{parts.path}",
                params=parse_qsl(parts.query),
                expect=site.absent,
                hosts=self.spec.hosts,
                deadline_s=15.0,
            )
            if reply.status in site.absent:
                return Finding(site, Verdict.ABSENT)
            return Finding(site, site.judge(json_of(reply, service=site.host)))
        except ToolFailure as failure:
            return Finding(site, Verdict.UNKNOWN, failure)

    def format(
        self, args: HunterArguments, raw: tuple[Finding, ...], context: ToolContext
    ) -> ToolResult:
        """State where the name is taken, where it is free, and what could not be told."""
        by_verdict = {
            verdict: [finding.site for finding in raw if finding.verdict is verdict]
            for verdict in Verdict
        }
        taken = by_verdict[Verdict.FOUND]
        said = [_taken(args.username, taken, asked=len(raw))]
        if free := by_verdict[Verdict.ABSENT]:
            said.append(f"Nobody has it on {_names(free)}.")
        if unclear := by_verdict[Verdict.UNKNOWN]:
            said.append(f"It is not known for {_names(unclear)}.")
        if len(taken) > 1:
            said.append("One name on several sites need not be one person.")
        return ToolResult(
            tuple(map(fit, said)),
            answer=_names(taken),
            text="\n".join(
                f"{finding.site.name}: {finding.verdict} {_profile(finding.site, args)}"
                for finding in raw
            ),
            data={
                finding.site.name: {
                    "verdict": finding.verdict.value,
                    "url": _profile(finding.site, args),
                }
                for finding in raw
            },
            sources=tuple(
                web_source(f"{site.name}: {args.username}", _profile(site, args), context)
                for site in taken or [SITES[0]]
            ),
            status="ok" if taken or by_verdict[Verdict.ABSENT] else "empty",
        )


def _taken(name: str, sites: list[Site], *, asked: int) -> str:
    if not sites:
        return f"The name {name} was found on none of the {asked} sites asked."
    return f"The name {name} is taken on {len(sites)} of {asked} sites: {_names(sites)}."


def _names(sites: list[Site]) -> str:
    return ", ".join(site.name for site in sites)


def _profile(site: Site, args: HunterArguments) -> str:
    return site.profile.replace("{}", args.username)


TOOL = SocialHunter()
