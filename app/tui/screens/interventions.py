"""What a person can do to a run as a whole: pause it, go on, end it; and the menu of all that can be done."""

from __future__ import annotations

from app.present.figures import plural
from app.present.forked import consequences_of
from app.present.inquiry import WHY_NOT
from app.present.owners import silence_words, steered_lines
from app.present.permissions import permit_words, revoked_line
from app.reruns import Wanted, begin, propose
from app.steering import Steered, Steering
from app.tui.actions import find
from app.tui.modals.choices import Choices, Option
from app.tui.modals.json_editor import Edited
from app.tui.modals.pick import Pick, Pickable
from app.tui.screens.answers import Answers
from app.tui.step_view import StepView
from app.tui.widgets.gate import OFFERS, choice_label
from app.tui.widgets.rail import THE_RUN
from workflows.errors import UnderstudyError
from workflows.journal.port import Request
from workflows.runs.state import StepState
from workflows.runs.tree import holders
from workflows.text import one_line

STEERS = {
    "pause": "no new step starts; what runs goes on",
    "continue": "steps start again",
    "resume": "goes on where it stopped",
}
"""What space leads to, by what it is called."""


class Interventions(Answers):
    """Belongs to the run screen."""

    view: StepView

    async def do_pause(self) -> None:
        if self.watch_run.resumable:
            await self.understudy.desk.resume(self.run, attended=True)
            return
        steering = self._steering()
        steered = await (steering.proceed(self.run) if self.watch_run.state.paused else steering.pause(self.run))
        self._tell(steered)

    async def do_retry(self) -> None:
        """Try again: what failed, or at once what a person does not want to wait for."""
        if self.view.impatient:
            await self._steering().hurry(self.run, self.view.key)
        else:
            await super().do_retry()

    def _steering(self) -> Steering:
        """Whoever has the run is asked, and not waited for: what comes of it is seen."""
        return Steering(self.understudy.desk, self.understudy.person, patience=0.0)

    def _tell(self, steered: Steered) -> None:
        if steered.owner:
            said, *more = steered_lines(steered, self.understudy.clock.now())
            silent = silence_words(steered.summary, self.understudy.clock.now())
            self.understudy.tell("\n".join([said, *more]) if silent else said, "warning" if silent else "information")

    async def _cancel(self, *, at_once: bool) -> None:
        steered = await self._steering().cancel(self.run, at_once=at_once)
        if steered.became == "left to us":
            driver = await self.understudy.desk.resume(self.run, attended=True)
            by = self.understudy.person
            driver.obey(Request(0, self.run, steered.what, f"cancelled by {by}", by))
        self._tell(steered)

    def do_abort(self) -> None:
        card = self.card()
        offered = card is not None and card.offers("abort")

        async def confirmed(name: str | None) -> None:
            if name == "abort" and card is not None:
                await self._answer(card, "abort")
            elif name == "cancel":
                await self._cancel(at_once=self.watch_run.state.top.then == "cancel")

        if offered and card is not None and self._may_answer():
            options = [Option("abort", "x", "end the run", f"as failed, because of {card.step}", deliberate=True)]
        elif not offered:
            options = [Option("cancel", "x", *self._cancelling(), deliberate=True)]
        else:
            return
        self.ask(Choices(f"end run {self.run}?", self._leaving(), options), confirmed)

    def _cancelling(self) -> tuple[str, str]:
        if self.watch_run.state.top.then == "cancel":
            return "end it now", "at once; what is left of `finally` is not done"
        return "end the run", "as cancelled; it cannot be resumed"

    def _leaving(self) -> str:
        """What ending the run means for what is under way, and for what was to come."""
        state, again = self.watch_run.state, self.watch_run.state.top.then == "cancel"
        running = [step.id for step in state.steps.values() if step.status == "running" and self._stops(step, again)]
        parts = []
        if running:
            more = f" and {len(running) - 8} more" if len(running) > 8 else ""
            parts.append(f"{plural(len(running), 'running step')} stopped: {', '.join(running[:8])}{more}.")
        if (left := state.counts.get("pending", 0)) or not running:
            parts.append(f"{plural(left, 'step')} not done. What is done stays done, and in the history.")
        if any(scope.open and scope.kind in ("undo", "rollback") for scope in state.scopes.values()):
            parts.append("What is not undone yet stays as it is.")
        if again:
            parts.append("It is being cancelled: once more skips what is left of `finally`.")
        elif finish := state.top.plan.finally_:
            count = plural(len(finish.steps), "step")
            parts.append(f"`finally` ({count}) is still done; a second {find('run', 'abort').key} skips it.")
        return "\n".join(parts)

    def _stops(self, step: StepState, again: bool) -> bool:
        """Whether cancelling stops a step: the first time all but what finishes, `again` that too."""
        if step.planned.holds_steps:
            return False
        around = holders(self.watch_run.state, step.scope)
        return again or not any(scope.kind in ("finally", "notify") for scope in around)

    def do_revoke(self) -> None:
        """What a person allowed for the run, each pattern to be taken back with a key."""
        values = [
            Pickable(number, one_line(permit.pattern, 60), permit_words(permit))
            for number, permit in enumerate(self.watch_run.state.permits, 1)
            if permit.revoked is None
        ]

        async def taken(entered: Edited | None) -> None:
            if entered is not None:
                steered = await self._steering().revoke(self.run, entered.value)
                self.understudy.tell(revoked_line(steered, entered.value))

        text = "Agents may do this in the rest of this run without asking. What is taken back is asked for again."
        self.ask(Pick(f"allowed in run {self.run}", text, values, "take it back"), taken)

    async def do_rerun(self) -> None:
        """A new run that begins at the step on view; what that would mean is said first."""
        desk, at = self.understudy.desk, "" if self.view.key == THE_RUN else self.view.key
        if self.watch_run.state.root != str(desk.services.paths.root):
            raise UnderstudyError(
                f"Run {self.run} works in another folder: {self.watch_run.state.root}.",
                f"On the command line it can be begun again from anywhere: understudy rerun {self.run}",
            )
        rerun = await propose(desk, self.run, Wanted(at, by=self.understudy.person))

        async def confirmed(name: str | None) -> None:
            if name is not None:
                driver = await begin(desk, rerun, attended=True)
                await self.understudy.open_run(driver.state.run_id)

        where = f"begin at {at}" if at else "begin at the beginning"
        option = Option("rerun", "B", where, f"a new run; run {self.run} stays as it is", deliberate=True)
        self.ask(Choices("begin a new run?", "\n".join(consequences_of(rerun)), [option]), confirmed)

    async def do_fix(self) -> None:
        """What would keep it from failing again, as a change of its workflow on the compose screen."""
        await self.understudy.fix_run(self.run)

    def do_intervene(self) -> None:
        card, facts = self.card(), self.facts()
        meanings = {choice.name: choice.meaning for choice in card.choices} if card else {}
        at = "" if self.view.key == THE_RUN else f" at {self.view.key}"
        meanings["pause"] = STEERS[self.label(find("run", "pause"))]
        meanings["rerun"] = f"a new run that begins{at}; asks first"
        # What could be done about a failed step is named also where none waits, with the reason.
        names = [*OFFERS.get(card.reason, ("choose", "default"))] if card else [*OFFERS["intervention"]]
        options = []
        for name in (*(name for name in names if name != "abort"), "pause", "revoke", "rerun", "fix", "abort"):
            action = find("run", name)
            why_not = action.illegal(facts)
            options.append(
                Option(
                    name,
                    action.keys[0],
                    choice_label(card, name) if card and name in OFFERS.get(card.reason, ()) else self.label(action),
                    meanings.get(name) or action.about,
                    why_not and WHY_NOT.get(name, why_not),
                    deliberate=True,
                )
            )

        async def taken(name: str | None) -> None:
            if name is None:
                return
            if self.card() != card:
                raise UnderstudyError("What waits has changed since.", "Look at it, then choose again.")
            self.chosen_in_menu = True
            try:
                await self.act(find("run", name))
            finally:
                self.chosen_in_menu = False

        self.ask(Choices(f"run {self.run}", card.what if card else "", options), taken)
