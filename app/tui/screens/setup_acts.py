"""What a person does on the Setup screen: keep keys, test models, take back what was allowed."""

from __future__ import annotations

from functools import partial

from app.credentials import keys_wanted, must_be_a_key
from app.paths import from_home
from app.present.setup import Line
from app.steering import Steering
from app.trial import Trial, carry_out, propose_trial, without_key
from app.tui.background import in_background
from app.tui.modals.choices import Choices, Option
from app.tui.modals.entry import Entry
from app.tui.modals.json_editor import Edited
from app.tui.modals.masked import Masked
from app.tui.modals.pick import Pick, Pickable
from app.tui.screens.setup_models import OTHER, Choosing
from app.tui.screens.setup_servers import Serving
from workflows.errors import CallFailed, UnderstudyError
from workflows.text import one_line

OLLAMA = (
    ("install it", "curl -fsSL https://ollama.com/install.sh | sh"),
    ("start it", "ollama serve"),
    ("get a model", "ollama pull qwen3:8b"),
    ("look at all", "ollama list"),
    ("use it", "export UNDERSTUDY_MODEL=ollama_chat/qwen3:8b"),
)
"""From a machine that has none of it to a model that can use tools, some 5 GB. Other systems: ollama.com/download."""


class Acting(Serving, Choosing):
    """The part of the screen that changes things; a class of its own, since Textual finds no handlers in a mixin."""

    def change_theme(self, name: str) -> None:
        raise NotImplementedError

    def facts(self) -> set[str]:
        if not self.understudy.ready:
            return set()
        found = {"untrusted"} if not self.understudy.desk.trusted() else set()
        if self.understudy.prepare_demo is not None:
            found.add("demo")
        if (chosen := self.line) is not None:
            found |= {chosen.act} | ({"command"} if chosen.command else set())
            found |= {"revocable"} if chosen.act in ("revoke", "key", "server") else set()
        return found

    def opens(self) -> str:
        words = {"choose": "choose model", "model": "test it", "theme": "use it", "revoke": "take back"}
        return words.get(self.line.act, "") if self.line is not None else ""

    async def take(self, chosen: Line | None) -> None:
        """What `enter` does on a line."""
        match chosen.act if chosen is not None else "":
            case "choose":
                self.do_choose()
            case "model":
                self.do_probe()
            case "server":
                self.query_one("#more").focus()
            case "theme":
                assert chosen is not None
                self.change_theme(chosen.subject)
            case "revoke":
                self.do_revoke()
            case _:
                self.query_one("#more").focus()

    def do_copy(self) -> None:
        if (chosen := self.line) is not None and chosen.command:
            self.understudy.copy(chosen.command, "the command")

    def do_trust(self) -> None:
        self.understudy.ask_trust()

    async def do_demo(self) -> None:
        await self.understudy.start_demo()

    async def do_again(self) -> None:
        await self.look_again()

    def do_ollama(self) -> None:
        text = (
            "Ollama runs models on this machine: no key, no cost, nothing leaves it.\n"
            "Type these in another terminal (not Linux? ollama.com/download). r finds it then."
        )
        steps = [Pickable(command, words, command) for words, command in OLLAMA]

        async def taken(chosen: Edited | None) -> None:
            if chosen is not None:
                self.understudy.copy(str(chosen.value), "the command")

        self.ask(Pick("models of your own", text, steps, "copy it"), taken)

    # Keys of models

    def do_key(self) -> None:
        wanted = [Pickable(name, provider, name) for provider, name in keys_wanted()]
        text = (
            "Whose key do you have? What needs more than a key (azure, bedrock, vertex_ai) is set in the environment."
        )
        self.ask(Pick("add a key", text, wanted), self._whose)

    async def _whose(self, taken: Edited | None) -> None:
        if taken is None:
            return
        name, credentials = str(taken.value), self.understudy.desk.services.performers.credentials
        places = [
            Pickable("file", "keep it", from_home(f"in {credentials.path}, mode 600: only you can read it")),
            Pickable("session", "this session only", "it is nowhere when the program ends"),
        ]
        self.ask(Pick(f"add {name}", "Where is it to be kept?", places), partial(self._where, name))

    async def _where(self, name: str, taken: Edited | None) -> None:
        if taken is None:
            return
        credentials = self.understudy.desk.services.performers.credentials
        session = taken.value == "session"
        kept = (
            "It is used until the program ends, and kept nowhere."
            if session
            else f"It is kept in {credentials.path}, mode 600."
        )
        text = f"{from_home(kept)} It is not tested: p asks a model one tiny question, and says first what that costs."

        async def given(value: str | None) -> None:
            if value:
                credentials.keep(name, value, session=session)
                self.understudy.tell(f"{name} is {'used for this session' if session else 'kept'}. It was not tested.")
                self.look_at("models")

        self.ask(Masked(f"{name}", text, partial(must_be_a_key, name)), given)

    # Testing a model

    def do_probe(self) -> None:
        chosen, settings = self.line, self.understudy.desk.services.settings
        known = [chosen.subject] if chosen is not None and chosen.act in ("model", "choose") and chosen.subject else []
        known += [*(chosen.more if chosen is not None and known else ()), *([settings.model] if settings.model else [])]
        names = list(dict.fromkeys(known))[:8]
        if not names:
            self._ask_model()
            return
        values = [*(Pickable(name, name) for name in names), Pickable("", OTHER)]
        self.ask(Pick("test a model", "Which one? What it costs is said before it is asked.", values), self._which)

    async def _which(self, taken: Edited | None) -> None:
        if taken is not None and taken.value:
            await self._propose(str(taken.value))
        elif taken is not None:
            self._ask_model()

    def _ask_model(self) -> None:
        async def named(given: Edited | None) -> None:
            if given is not None:
                await self._propose(str(given.value))

        text = "Which model? It is asked one tiny question; what that costs is said before."
        self.ask(Entry("test a model", text, "provider/model, such as openai/gpt-4o-mini", _named), named)

    async def _propose(self, name: str) -> None:
        services = self.understudy.desk.services
        try:
            trial = await propose_trial(services.models, name)
            missing = await without_key(trial.model, services.models, services.performers.keys)
        except CallFailed as error:
            raise UnderstudyError(error.failure.message, error.failure.hint) from None
        if missing is not None:
            raise UnderstudyError(missing.message, f"{missing.hint} k keeps a key.")
        option = Option("ask", "p", "ask it", "the price is the most that it can be", deliberate=True)

        async def agreed(choice: str | None) -> None:
            if choice == "ask":
                self.understudy.tell(f"Asking {trial.model} …")
                in_background(self, partial(self._try, trial), "trial")

        self.ask(Choices(f"test {trial.model}?", f"{trial.words()}.", (option,)), agreed)

    async def _try(self, trial: Trial) -> None:
        tried = await carry_out(trial, self.understudy.desk.services.models)
        self.understudy.tried[trial.model] = tried
        hint = f"\n{tried.failure.hint}" if tried.failure and not tried.works else ""
        words = f"{trial.model} {tried.words()}" if tried.works else tried.words()
        self.understudy.tell(f"{words}{hint}", "information" if tried.works else "error")
        self.look_at("models")

    # Taking back

    def do_revoke(self) -> None:
        chosen = self.line
        if chosen is None:
            return
        titles = {
            "revoke": (
                "take it back?",
                f"{one_line(chosen.text, 200)}\n\nFrom now on it is asked for again.",
                "take it back",
            ),
            "key": ("forget the key?", f"{chosen.subject} is taken out of the file and of this session.", "forget it"),
            "server": (
                "accept it no longer?",
                f"The tools of {chosen.subject} are held back from then on.",
                "hold it back",
            ),
        }
        title, text, label = titles[chosen.act]
        option = Option("do", "x", label, "", deliberate=True)
        self.ask(Choices(title, text, (option,)), partial(self._taken_back, chosen))

    async def _taken_back(self, chosen: Line, choice: str | None) -> None:
        if choice != "do":
            return
        services = self.understudy.desk.services
        if chosen.act == "revoke":
            run, _, number = chosen.subject.partition(" ")
            await Steering(self.understudy.desk, self.understudy.person, patience=0).revoke(run, int(number))
            self.look_at("permits")
        elif chosen.act == "key":
            if not services.performers.credentials.forget(chosen.subject):
                raise UnderstudyError(
                    f"{chosen.subject} is in the keyring.", "`keyring del understudy NAME` removes it."
                )
            self.look_at("models")
        else:
            config = services.servers.get(chosen.subject).config
            if config is not None:
                services.servers.forget(config)
                services.skills.reload()
            self.look_at("servers")


def _named(text: str) -> str:
    if not text.strip():
        raise UnderstudyError("Give the name of a model.")
    return text.strip()
