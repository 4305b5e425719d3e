"""understudy demo: the product in a minute on a small project, with no key and no network."""

from __future__ import annotations

import click

from app.cli.options import json_option, plain_option
from app.cli.output import Output
from app.cli.session import open_desk, person, somebody_is_here, wait_for


@click.command("demo")
@json_option
@plain_option
def command(as_json: bool, plain: bool) -> int:
    """Run a tour on a small project: an agent fails and its understudy takes over, you approve a diff, a check fails.

    Real tools, real files, real history; only the agents' words are scripted, and labelled so. Where nobody is at a
    terminal, a labelled script answers for you.
    """
    from app.cli.main import can_show_screens

    if can_show_screens() and not plain and not as_json:
        return _show()
    return wait_for(_demo(as_json, Output(plain=plain)))


def _show() -> int:
    from app.demo.tour import leaving, opening, prepare
    from app.tui.session import run_tui

    out, demo = Output(), prepare()
    for line in opening(demo.paths.root):
        out.say(line, "warning")
    code = run_tui(person=person(), demo=prepare, begin=demo)
    for line in leaving(demo.paths.root):
        out.say(line)
    return code


async def _demo(as_json: bool, out: Output) -> int:
    from app.cli.conduct import Conductor, Manner
    from app.cli.report import report
    from app.demo.tour import SCRIPTED, closing, opening, prepare, stand_in, tutor

    demo = prepare()
    folder = demo.paths.root
    attended = somebody_is_here() and not as_json
    for line in opening(folder):
        out.say(line, "warning")
    if not attended:
        out.say(f"Nobody is at a terminal, so the {SCRIPTED.split(',')[0]} answers. It is not a person.", "warning")
    manner = Manner(attended, person(), hint=tutor) if attended else Manner(False, SCRIPTED, stand_in)
    async with open_desk(demo.paths, trusted=True) as desk:
        proposal = desk.propose(desk.load(demo.workflow), demo.parameters)
        conductor = Conductor(desk, out, manner)
        ending = await conductor.conduct(lambda: desk.start(proposal, attended=attended, simulated=demo.label))
    code = report(ending, out, form="json" if as_json else "text")
    if ending.state.status == "succeeded":
        for line in closing(folder, ending.state):
            out.say(line)
    return code
