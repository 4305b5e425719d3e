"""Names that a request says: languages, environments, formats, kinds of tests, readers, services, topics, columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from composer.constraints.reading import flat
from composer.terms import ADDRESS, FILE, VERSION

LANGUAGES: Mapping[str, str] = {
    "en": r"english|ingles|anglais|englisch\w*|inglese|engels",
    "fr": r"french|frances|francais|franzosisch\w*|francese|frans",
    "de": r"german|aleman|allemand|deutsch\w*|alemao|tedesco|duits",
    "es": r"spanish|espanol|espagnol|spanisch\w*|espanhol|spagnolo|spaans|castellano",
    "it": r"italian|italiano|italien|italienisch\w*|italiaans",
    "pt": r"portuguese|portugues|portugais|portugiesisch\w*|portoghese|portugees",
    "nl": r"dutch|holandes|neerlandais|niederlandisch\w*|hollandisch\w*|olandese|nederlands|neerlandes",
    "ja": r"japanese|japones|japonais|japanisch\w*|giapponese|japans",
    "zh": r"chinese|chino|chinois|chinesisch\w*|chines|cinese|chinees|mandarin",
    "ko": r"korean|coreano|coreen|koreanisch\w*|koreaans",
    "pl": r"polish|polaco|polonais|polnisch\w*|polones|polacco|pools",
    "ru": r"russian|ruso|russe|russisch\w*|russo|russisch",
    "sv": r"swedish|sueco|suedois|schwedisch\w*|svedese|zweeds",
    "da": r"danish|danes|danois|danisch\w*|danese|deens",
    "no": r"norwegian|noruego|norvegien|norwegisch\w*|noors",
    "fi": r"finnish|finlandes|finnois|finnisch\w*|finlandese|fins",
    "tr": r"turkish|turco|turc|turkisch\w*|turks",
    "ar": r"arabic|arabe|arabisch\w*|arabo",
    "cs": r"czech|checo|tcheque|tschechisch\w*|ceco|tsjechisch",
    "uk": r"ukrainian|ucraniano|ukrainien|ukrainisch\w*|ucraino|oekraiens",
    "hi": r"hindi",
    "el": r"greek|griego|grec|griechisch\w*|greco|grieks",
    "ca": r"catalan|catala|katalanisch\w*|catalano",
}
_SPOKEN_IN: Mapping[str, str] = {
    "pt-BR": r"brazil\w*|brasil\w*|bresil\w*|brasile\w*|brazilie",
    "fr": r"france|frankreich|francia|frankrijk|quebec",
    "de": r"germany|austria|alemania|allemagne|deutschland|osterreich|alemanha|germania|duitsland",
    "es": r"spain|mexico|argentina|espana|espagne|spanien|spagna|spanje|chile|colombia",
    "it": r"italy|italia|italie|italien",
    "ja": r"japan|japon|giappone",
    "zh": r"china|chine",
    "pt": r"portugal|portogallo",
    "nl": r"netherlands|holland|paises bajos|pays-bas|niederlande|olanda|nederland",
    "pl": r"poland|polonia|pologne|polen",
    "tr": r"turkey|turquia|turquie|turkei|turchia|turkije",
}
_FROM = r"(?:only in|just in|from|is in|exists in|nur auf|nur in|aus dem|solo en|del|desde el|seulement en|uniquement en|de l'|du|so em|do|solo in|dall'|dal|alleen in het|uit het)\s*(?:el |le |la )?$"

ENVIRONMENTS: Mapping[str, str] = {
    "staging": r"staging|stage|stg|homologacao|acceptatie\w*|collaudo|recette",
    "preproduction": r"pre-?prod\w*|preproduccion|pre-?production",
    "test": r"test[ -]?(?:server|system|machine|box|env\w*|umgebung\w*|omgeving\w*|stage)|testserver\w*|(?:servidor|entorno|ambiente|maquina) de (?:pruebas?|testes?|test)|(?:serveur|environnement|machine) de (?:test|tests)|(?:server|ambiente) di (?:test|prova)|qa|on test|auf test",
    "development": r"dev(?:elopment)? (?:server|environment|box|system)|desarrollo|entwicklungsumgebung|sviluppo|ontwikkelomgeving",
    "production": r"prod|production|produktion\w*|produktiv\w*|produccion|producao|produzione|productie\w*|live|livesystem",
}

FORMATS: Mapping[str, str] = {
    "parquet": "parquet", "jsonl": r"jsonl|json lines|ndjson", "json": "json", "csv": "csv", "tsv": "tsv", "html": "html",
    "md": r"markdown|md", "pdf": "pdf", "yaml": r"yaml|yml", "xlsx": r"xlsx|excel", "xml": "xml", "text": r"plain text|txt",
}  # fmt: skip
_AS = r"(?:as|in|into|to|als|en|em|in|nach|come|como|a|un|una|ein\w*|une|give me|page|format|make|out as|naar|of a|sous forme de|um|uma)\s+(?:a |an |one |single |un |una |une |ein\w* )?$"

SUITES: Mapping[str, str] = {
    "unit": r"unit(?:[ -]?tests?)?|unittests?|unitari[oae]s?|unitaires?|einheitentests?|unitarias|unitari|unittesten",
    "integration": r"integration(?:s?[ -]?tests?)?|integrationstests?|integracion|integracao|integrazione|integratie(?:testen|tests?)?|integration",
    "e2e": r"e2e|end[ -]to[ -]end|extremo a extremo|bout en bout|ende-zu-ende",
    "smoke": r"smoke",
    "api": r"(?<!/)api(?:[ -]?tests?)?(?= |,|$)",
    "acceptance": r"acceptance|aceptacion|akzeptanztests?",
    "contract": r"contract(?:[ -]?tests?)",
    "ui": r"ui(?:[ -]?tests?)?",
    "regression": r"regression\w*|regresion|regressao|regressione",
    "functional": r"functional|funcionales|fonctionnels|funktionale?|funcionais|funzionali|functionele",
    "performance": r"performance|load tests?|rendimiento|lasttests?",
}

_AUDIENCES = (
    r"support(?:[ -](?:people|team|staff|colleagues|folks))?|sales(?:[ -](?:people|team))?|marketing(?:[ -]team)?|customers?|users|end[ -]users|developers|devs|stakeholders|"
    r"managers|management|executives|boss|ops(?:[ -]team)?|operators|admins|partners|newcomers|new colleagues|the press|investors|testers|non-technical people|laymen|everyone|beginners|"
    r"usuarios|clientes|desarrolladores|jefe|direccion|equipo de (?:soporte|ventas)|utilisateurs|clients|developpeurs|direction|equipe (?:support|commerciale)|"
    r"kunden|nutzer|anwender|entwickler|vertrieb|geschaftsfuhrung|chef|leitung|kollegen|usuarios|desenvolvedores|diretoria|utenti|clienti|sviluppatori|gebruikers|klanten|ontwikkelaars|directie"
)
_AUDIENCE = re.compile(
    rf"\b(?:for|so that|aimed at|addressed to|understood by|to|tell|para|pour|fur|per|voor|a|an|dass|damit|que|zodat|cosi che|explain\w* (?:it )?to)\s+(?:(?:our|the|my|all|non-technical|nuestros|los|las|el|nos|les|le|la|notre|unsere?n?|die|den|der|das|meinen?|os|as|nossos|i|gli|nostri|onze|de|it|es|sie|mi|mijn|o|meu|il|mio|mon) )*(?P<who>{_AUDIENCES})\b"
)

_SERVICES = (
    re.compile(r"\b(?:the |our |my )?(?P<s>[a-z][\w-]*)(?: (?:service|api|server|system))? (?:outage|incident|downtime|crash|failure|disruption|postmortem|breakdown|problem)\b"),
    re.compile(r"\b(?P<s>[a-z][\w-]*) (?:service|api)\b"),
    re.compile(r"\b(?:outage|crash|failure|incident|downtime|breakdown|post-?mortem|problem) (?:of|in|with|on|for) (?:the |our )?(?P<s>[a-z][\w-]*)"),
    re.compile(r"\b(?:servicio|service|servizio|servico|dienst) (?:de |des |du |di |della |do |da |van )?(?:los |las |la |les )?(?P<s>[a-z][\w-]*)"),
    re.compile(r"\b(?:incidente|caida|corte|panne|coupure|incident|ausfall|storung|vorfall|zwischenfall|disservizio|guasto|queda|storing|uitval)\w* (?:de la |de los |de l'|del |de |du |des |en el |en la |en |no |na |do |da |der |des |im |in der |in |beim? |von |am |an |di |della |dello |nel |nella |van de |van het |van |bij |met )(?:el |la )?(?P<s>[a-z][\w-]*)"),
    re.compile(r"\b(?P<s>[a-z][\w-]*) (?:was|being|went|is|were|has been) (?:down|failing|unavailable|broken|unreachable|offline)\b"),
    re.compile(r"\bwith (?:the |our )?(?P<s>api|database|db|login|search|checkout|shop|website|queue|payment\w*|backend|frontend)\b"),
)  # fmt: skip
_NO_SERVICE = frozenset(
    re.findall(
        r"\w+",
        "the a an our my last night nights yesterday today this that incident outage service it he she we monday tuesday wednesday thursday friday saturday sunday "
        "ayer hoy hier heute gestern ontem hoje ieri oggi gisteren lunes martes miercoles jueves viernes lundi mardi mercredi jeudi vendredi montag dienstag "
        "mittwoch donnerstag freitag lunedi martedi mercoledi giovedi venerdi maandag dinsdag woensdag donderdag vrijdag major big total report login_ root what when why how there blameless for of write cause",
    )
)

_TOPICS = (
    r"(?:options?|possibilities|choices|alternatives?|ways|approaches|solutions|opciones|alternativas|options|alternatives|moglichkeiten|optionen|alternativen|opcoes|opzioni|alternative|opties|mogelijkheden) (?:there are |are there |existen |existent |es |ci sono |er zijn |gibt )*(?:for|to|of|para|a|pour|a la|fur|zu|per|a|voor|om te|es fur)",
    r"(?:background|research(?: report)?|report|information|info|overview|state of the art|literature|investigacion|recherches?|recherche|pesquisa|ricerca|ricerche|onderzoek|hintergrund\w*|achtergrond\w*|stand der technik|etat de l'art|renseigne[- ]\w+) (?:on|about|into|of|in|for|sobre|sur|zu|zum|zur|uber|von|di|su|sui|sulle|sul|naar|over|acerca de|de|des|du)",
    r"(?:pros and cons|advantages|vor-? und nachteile|ventajas y desventajas|avantages et inconvenients|vantagens e desvantagens|pro e contro|voor-? en nadelen) (?:of|von|de|des|di|van)",
    r"(?:find out|look into|research|investigate|investiga|averigua|recherchiere?|pesquisa|ricerca|zoek uit|onderzoek|study|explore|compare|vergleiche|compara|compare|confronta|vergelijk)",
    r"(?:what is|what are|whats|what's|was ist|was sind|que es|cuales son|qu'est-ce que|quelles sont|o que e|quais sao|cos'e|quali sono|wat is|wat zijn|which|welche|how do(?:es)?|wie) (?:the |die |los |las |les |le |i |gli |de )?",
)
_TOPIC_END = re.compile(
    r"[,;:.?!\n]| - |\b(?:with|mit|con|avec|com|met|and cite|incl\w*) (?:\w+ )?(?:sources?|links?|references?|citations?|footnotes?|quellen|belegen|fuentes|enlaces|referencias|des sources|des references|fontes|fonti|bronnen)\b"
)

_COLUMN_WORDS = r"(?:(?:the )?(?:columns?|fields?)|(?:las? |los )?(?:columnas?|campos?)|(?:les )?(?:colonnes?|champs?)|(?:die |den )?(?:spalten?|felder|feldern)|(?:as )?colunas?|(?:i |le )?(?:campi|colonne)|(?:de )?(?:kolommen|velden))"
_KEEP = r"(?:keep(?:ing)?|only(?: keep)?|with only|just|quedate con|conserva(?:ndo)?|manten|garde(?:r|z)?|en gardant|ne garde que|behalte|nur|mantem|fica(?: apenas)? com|apenas|so|tieni|con solo|solo|hou|behoud|alleen)"
_JOIN = r"(?:\s*,\s*(?:and |y |e |et |und |en )?|\s+(?:and|y|e|et|und|en|&|\+)\s+)"
_IDENT = r"[\w][\w.-]*"
_COLUMNS = re.compile(
    rf"\b(?:{_KEEP}\s+)?{_COLUMN_WORDS}\s*:?\s+(?P<a>{_IDENT}(?:{_JOIN}{_IDENT})*)|\b{_KEEP}\s+(?P<b>{_IDENT}(?:{_JOIN}{_IDENT})+)"
)
_KEYS = re.compile(
    r"\b(?:dedup\w*|dup\w*|dobl\w*|doubl\w*|doppel\w*|doppi\w*|dubbel\w*|unique|repetid\w*|distinct)\b[^.;:]{0,40}?"
    r"\b(?:by|per|por|par|pela?|nach|anhand|secondo|based on|according to|op basis van|op)\s+"
    rf"(?:the |la |el |le |der |die |dem |o |a |il |de |column |columna |spalte |colonne |coluna |colonna |kolom )*(?P<a>{_IDENT}(?:{_JOIN}{_IDENT})*)"
)
_NO_COLUMN = frozenset(
    re.findall(
        r"\w+",
        "mach mache machen erstelle crea fais make do schick send the a an and or of in to from save write export store into as put it them give make y e et und en guarda guardalo los las",
    )
)


def languages(request: str) -> tuple[str, ...]:
    """The languages that something is to be in, as codes, in the order in which they are said."""
    low = flat(request)
    found: list[tuple[int, str]] = []
    source: list[tuple[int, str]] = []
    for code, words in LANGUAGES.items():
        for match in re.finditer(rf"\b(?:{words})\b", low):
            (source if re.search(_FROM, low[: match.start()]) else found).append((match.start(), code))
    codes = re.finditer(
        r"\b(?:into|in|to|auf|nach|a|al|en|em|in|naar|and|,)\s+(?P<code>en|fr|de|es|it|pt|nl|ja|zh|pl|ru|ko)\b(?=\s*(?:,|and|und|y|$|et|\.))",
        low,
    )
    # Some codes are words of other languages too.
    others = re.search(r"\b(?:fr|pt|ja|nl)\b", low)
    found += [(m.start("code"), m["code"]) for m in codes if others or m["code"] not in ("de", "es", "en", "it")]
    if not found:
        for code, words in _SPOKEN_IN.items():
            found += [(match.start(), code) for match in re.finditer(rf"\b(?:{words})\b", low)]
    return tuple(dict.fromkeys(code for _, code in sorted(found)))


def environment(request: str) -> str:
    """The environment that is meant; empty where none is said."""
    low = _plain(request)
    found = [
        (match.start(), name) for name, words in ENVIRONMENTS.items() for match in re.finditer(rf"\b(?:{words})\b", low)
    ]
    strong = [entry for entry in found if not low.startswith("live", entry[0])]
    return min(strong or found, default=(0, ""))[1]


def formats(request: str) -> tuple[str, ...]:
    """The formats that something is to be in: those said so, else the only one that is named."""
    low = _plain(request)
    named = [
        (match.start(), name) for name, words in FORMATS.items() for match in re.finditer(rf"\b(?:{words})\b", low)
    ]
    wanted = [entry for entry in named if re.search(rf"\b{_AS}", low[: entry[0]])]
    chosen = sorted(wanted) or (sorted(named) if len(named) == 1 else [])
    return tuple(dict.fromkeys(name for _, name in chosen))


def suites(request: str) -> tuple[str, ...]:
    """The kinds of tests that are named, in their order."""
    low = _plain(request)
    found = [(match.start(), name) for name, words in SUITES.items() for match in re.finditer(rf"\b(?:{words})\b", low)]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def audience(request: str) -> str:
    """Whom something is written for, in the words that were said."""
    match = _AUDIENCE.search(flat(request))
    return request[match.start("who") : match.end("who")] if match else ""


def service(request: str) -> str:
    """What an incident was of, in the word that was said."""
    low = flat(request)
    for pattern in _SERVICES:
        for match in pattern.finditer(low):
            if match["s"] not in _NO_SERVICE:
                return request[match.start("s") : match.end("s")]
    return ""


def topic(request: str) -> str:
    """What is to be found out about: what comes after the words that ask for it."""
    low = flat(request)
    for pattern in _TOPICS:
        match = re.search(rf"\b{pattern}\s+", low)
        if match is None:
            continue
        rest = low[match.end() :]
        end = _TOPIC_END.search(rest)
        said = request[match.end() : match.end() + (end.start() if end else len(rest))]
        said = re.sub(
            r"^(?:the|a|an|our|der|die|das|el|la|los|las|les|le|l'|um|uma|il|lo|i|gli|de|het)\s+",
            "",
            said.strip(),
            flags=re.IGNORECASE,
        )
        if 2 <= len(said) <= 120:
            return said
    return ""


def columns(request: str) -> tuple[str, ...]:
    """The columns that are named, in their order."""
    for match in _COLUMNS.finditer(flat(request)):
        group = "a" if match["a"] else "b"
        said = request[match.start(group) : match.end(group)]
        named: list[str] = []
        for name in re.split(_JOIN, said):
            if not name or flat(name) in _NO_COLUMN or "/" in name or FILE.fullmatch(name):
                break
            named.append(name.strip("."))
        if named:
            return tuple(named)
    return ()


def keys(request: str) -> tuple[str, ...]:
    """The columns by which double rows are told, in their order."""
    match = _KEYS.search(_plain(request))
    if match is None:
        return ()
    return tuple(name for name in re.split(_JOIN, match["a"]) if name and name not in _NO_COLUMN)


def _plain(request: str) -> str:
    """The request without addresses, files and versions."""
    for pattern in (ADDRESS, FILE, VERSION):
        request = pattern.sub(lambda match: " " * len(match[0]), request)
    return flat(request)
