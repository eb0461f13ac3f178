"""The examples that help and the manual page begin with, by the path of their command."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "toollama": (
        'toollama ask "how many miles are 42 km?"',
        'git diff | toollama ask "review this"',
        'toollama ask -f report.pdf "what does it conclude?"',
        "toollama doctor",
    ),
    "toollama ask": (
        'toollama ask "how many miles are 42 km?"',
        'git diff | toollama ask "review this" | less',
        "toollama ask -f 'src/**/*.py' \"explain\" -o answer.md",
        'toollama ask "3 papers on LoRA" --schema papers.json | jq -r ".papers[].title"',
        'toollama ask -c "and in Italian?"',
    ),
    "toollama models": (
        "toollama models | fzf | xargs toollama models info",
        "toollama models pull llama-3_2-3b",
        "toollama models fit mistral-7b llama-3_2-3b --vram 12GiB",
    ),
    "toollama tools": (
        "toollama tools run calculator --arg expression='15% of 80'",
        "toollama tools list --pack drummer.search",
    ),
    "toollama runs": (
        "toollama runs show last --tree",
        "toollama runs search LoRA",
        "toollama runs export last -F html -o run.html",
        "toollama runs diff last 20261122",
    ),
    "toollama replay": (
        "toollama replay last --speed 4x",
        "toollama replay last --until 20 --jsonl",
        "toollama replay last --rerun -m drummer=llama-3_2-3b",
    ),
    "toollama observe": (
        "toollama observe",
        "toollama observe show last --follow",
        "toollama observe scorecard -n 5",
    ),
    "toollama config": ("toollama config set vram 8GiB", "toollama config show --origin"),
    "toollama completion": (
        'eval "$(toollama completion bash)"',
        "toollama completion fish | source",
    ),
}
