"""Words that people change drafts with, in several languages, folded: lower case, no accents. Patterns, and no more."""

from __future__ import annotations

import re


def _any(lines: str) -> str:
    """One of these, a line a language or so."""
    return "|".join(line.strip() for line in lines.strip().splitlines())


TOGETHER = _any(r"""
    (?:in |en |em )?paral\w+|at (?:the same time|once)|simultan\w+|concurrent\w*|together|side by side
    gleichzeitig|zusammen
    a la vez|al mismo tiempo
    en meme temps
    ao mesmo tempo
""")

IN_ORDER = _any(r"""
    one (?:after|by) (?:the other|another|one)|sequential\w*|in sequence|not (?:in )?parallel
    nacheinander|hintereinander
    un[oa] tras otr[oa]|un[oa] por un[oa]|en serie
    l'un apres l'autre
    um (?:de cada vez|apos o outro|por um)
""")

REMOVE = _any(r"""
    remov\w*|delet\w*|drop\w*|skip\w*|take out|get rid of|leave out|throw out|without|i don'?t need|no need for
    entfern\w*|losch\w*|streich\w*|lass \w+ weg
    quita\w*|elimin\w*|borr\w*
    supprim\w*|enlev\w*|retir\w*
    tira\w*|apag\w*
""")

RENAME = r"renam\w*|call|umbenenn\w*|nenn\w*|benenn\w*|renombr\w*|renomm\w*|renome\w*|llama\w*"
TO = r"(?:to|into|as|in|zu|nach|um in|a|en|por|para|como|=|->|→)"

MOVE = r"move|put|verschieb\w*|setz\w*|muev\w*|mueve|pon|deplac\w*|mets|mova|mover|coloc\w*"
BEFORE_STEP = r"before|vor|antes (?:de|do|da|del)|avant"
AFTER_STEP = r"after|behind|nach|hinter|despues (?:de|del)|apres|depois (?:de|do|da)"

ASK = _any(r"""
    ask (?:me|us|for (?:my|our) (?:ok|okay|approval|permission))|check with me|wait for (?:me|my)
    let me (?:approve|confirm|see|look|check|decide)|approv\w* (?=before)
    i (?:want|would like|need|have|'?d like) to (?:approve|confirm|see|check|read|look|decide|say yes)
    (?:needs?|with) (?:my|an?|manual) (?:approval|ok|okay|confirmation)|confirm\w* (?:with me|conmigo|comigo|avec moi)
    frag\w* mich|mich fragen|ich will (?:\w+ )*(?:sehen|zustimmen|freigeben)
    pregunt\w*me|pide\w* (?:mi )?(?:confirmacion|permiso)|avisame antes
    demande\w*[- ]moi|demander (?:mon|ma)
    pergunt\w*(?:-me)?|me pergunt\w*
""")

BEFORE = r"before|bevor|ehe|vor dem|vor der|antes|avant"

NOT = _any(r"""
    don'?t|do not|never|no longer|stop asking|without asking
    nicht (?:mehr )?|kein\w*
    no me|sin pregunt\w*|ne me|sans|nao me
""")

ANYTHING = r"anything|everything|something|alles|irgend\w*|algo|nada|quoi que ce soit|qualquer"

ROLLBACK = _any(r"""
    roll\w*[- ]?back|put (?:\w+ ){1,4}back|revert\w* (?:if|when|on)|undo (?:everything|it|all)? ?(?:if|when|on)
    zuruckroll\w*|zurucksetz\w*|ruckgangig (?:machen )?(?:wenn|falls)
    deshac\w* (?:si|cuando)|reverti\w*
    revenir en arriere|annuler (?:si|quand)
    desfaz\w* (?:se|quando)
""")

RETRY = _any(r"""
    retr(?:y|ies)|tr(?:y|ies) \w*\s?(?:again|it|up to)?
    versuch\w*|wiederhol\w*
    reintent\w*|intent\w*
    reessay\w*
    tent\w*
""")
AGAIN = r"retr|wiederhol|reintent|reessay"
TIMES = _any(r"""
    (\d{1,2})\s*(?:times?|x\b|mal|veces|fois|vezes|tries|attempts|versuche|intentos|tentativas)
    \b(once|twice|thrice|einmal|zweimal|dreimal)\b
""")
COUNTS = {"once": 1, "twice": 2, "thrice": 3, "einmal": 1, "zweimal": 2, "dreimal": 3}

TIME = r"(\d+(?:[.,]\d+)?)\s*(s|sec\w*|sek\w*|seg\w*|m|min\w*|h|hours?|std|stunde\w*|horas?|heures?)\b"
LIMIT = _any(r"""
    time-?out|give up|give (?:each|every|the|it)|stop (?:it|\w+)? ?after|no longer than|at most|max\w*|limit\w*
    hochstens|langstens|abbrech\w*
    como mucho|maximo|au plus|no maximo
""")
RECURRING = r"every|alle |cada|chaque|toutes les"

MONEY = _any(r"""
    (?:\$|usd|eur|€)\s*(\d+(?:[.,]\d+)?)
    (\d+(?:[.,]\d+)?)\s*(?:\$|usd|dollars?|bucks|dolares|euros?|€|cents?|ct)
""")

GO_ON = _any(r"""
    (?:don'?t|do not) (?:stop|abort|fail)|keep going|carry on|go on|continue
    weitermach\w*|nicht (?:ab|auf)\w*|trotzdem
    no pares|sigue|continua
    ne t'arrete|nao pare
""")
FAILS = r"fail\w*|error\w*|red|breaks?|schief|fehl\w*|fall[ae]\w*|echou\w*|falh\w*|goes wrong"

FALLBACK = _any(r"""
    fallback|fall back|understudy|instead|stand[- ]?in|backup agent|otherwise
    sonst|ersatz\w*
    si no|sinon|senao
""")
USE = r"use|let|with|take|nimm|lass|usa|utilise"

CHEAPER = _any(r"""
    cheap\w*|less expensive|smaller model|save money
    gunstig\w*|billig\w*
    (?:mas|mais) (?:barat\w*|economic\w*)|moins cher\w*
""")

ACT = _any(r"""
    make|add|change|translate|include|shorten|improve|write|explain|format|sort|filter|send|put|use|give|also|keep|replace
    mach\w*|fuge|ander\w*|ubersetz\w*|kurz\w*|verbesser\w*|schreib\w*|ersetz\w*
    haz|anade|agrega|cambia|traduce|mejora|escribe|usa|reemplaza
    fais|ajoute|change|traduis|ameliore|ecris|utilise|remplace
    faca|adicione|mude|traduza|melhore|escreva|use|substitua
""")
"""Verbs that something of its own begins with."""

POLITE = r"please|can you|could you|now|then|also|and|ok(?:ay)?|let'?s|bitte|kannst du|por favor|puedes"

MODEL = r"[a-z_]+/[\w.:/-]*\w|(?:gpt|claude|gemini|llama|mistral|qwen|o\d)-[\w.-]*\w|haiku|sonnet|opus"

WRITE_TO = r"writ\w*|save\w*|store|put|output|schreib\w*|speicher\w*|guard\w*|escrib\w*|enregistr\w*|grav\w*|salv\w*"
FILE = r"(?<!\S)[\w./~-]+\.\w{1,8}(?!\S)"

NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "zwei": 2, "drei": 3, "vier": 4, "dos": 2, "tres": 3, "deux": 2}

CACHE = r"cach\w*|remember (?:the )?result|reuse|zwischenspeicher\w*|mets? en cache"

SEVERAL = r"\b(?:all|both|every|alle|beide|tod[oa]s|tous|toutes|amb[oa]s|les deux)\b|,| and | und | y | et | e "

BACK = _any(r"""
    undo|revert|take (?:that|it) back|go back|never ?mind|forget (?:that|it)|not like that
    ruckgangig|mach das ruckgangig|zuruck|nimm das zuruck
    deshaz\w*|deshacer|vuelve atras
    annule\w*|reviens
    desfaz\w*|desfazer|volta\w*
""")
FIRST = _any(r"""
    start|beginning|original|first (?:draft|version)|everything
    anfang|erste\w* (?:entwurf|version)
    principio|inicio|debut|comeco
""")
CONDITION = r"\b(?:if|when|wenn|falls|si|cuando|quand|se|quando|on failure)\b"

SET = r"set|change|make|use|put|let|setz\w*|stell\w*|ander\w*|pon|cambia\w*|usa\w*|mets|mude|muda\w*|defin\w*|nimm"

FIELDS = (
    (r"budget|presupuesto|orcamento", ("budget",), False),
    (r"schedul\w*|zeitplan|horario|planification|agendamento", ("schedule",), False),
    (r"time-?outs?|zeitlimit|limite de (?:tiempo|temps|tempo)", ("timeout",), True),
    (r"retr(?:y|ies)|wiederhol\w*|reintento\w*", ("retry",), True),
    (r"fallbacks?|understud\w+", ("fallback",), True),
    (r"cach\w+", ("cache",), True),
    (r"condition\w*|bedingung\w*", ("when",), True),
    (r"approvals?|gates?|freigabe\w*|aprobacion\w*|approbation\w*|aprovac\w+", ("approve",), True),
)
"""What can be taken out besides steps: its words, where it stands, and whether steps have it."""

STEP = r"(?:step|schritt|paso|etape|passo|stap)"

AGENTS = (
    r"\b(?:all|every|each|alle[nr]?|jede[nrs]?|tod[oa]s|tous|toutes|chaque|cada)\s+(?:(?:the|los|les|os)\s+)?agent\w*"
)

IT = r"it|this|that|all of it|es|ihn|das|lo|esto|le|ca|cela|isto|isso|o"
"""The whole workflow."""

ALL_STEPS = (
    rf"\b(?:all|every|each|alle|jede[nrms]?|tod[oa]s|chaque|cada|tous)\s+(?:(?:the|los|les|os|die)\s+)?{STEP}\w*"
)

WHOLE = r"all|everything|whole|it|run|workflow|alles|ganze\w*|lauf|todo|tout|tudo"
TO_WHAT = r"\b(?:to|for|on|fur|beim|bei|para|pour)\s+(?:(?:the|den|die|das|el|la|le|o)\s+)?(\w+)"
"""What a limit is for."""

ORDINALS = (
    (0, r"first|erste[nrsm]?|primer[oa]?|premiere?|primeir[oa]"),
    (1, r"second|zweite[nrsm]?|segund[oa]|deuxieme|seconde?"),
    (2, r"third|dritte[nrsm]?|tercer[oa]?|troisieme|terceir[oa]"),
    (-1, r"last|final|letzte[nrsm]?|ultim[oa]|dernier[e]?"),
)

ROLE_WORDS = (
    ("test", r"test\w*|prueba\w*|essai\w*|pytest|vitest"),
    ("deploy", r"deploy\w*|despl[ie]+g\w*|deploi\w*|implant\w*|switch\w*|go(?:es)? live|live|publi\w*|releas\w*"),
    ("deploy", r"bereitstell\w*|ausroll\w*|veroffentlich\w*|umschalt\w*|lanz\w*|roll\w* out"),
    ("write", r"writ\w*|sav(?:e|es|ed|ing)|schreib\w*|speicher\w*|escri\w*|guard\w*|ecri\w*|enregistr\w*"),
    ("write", r"escrev\w*|grav\w*"),
    ("delete", r"delet\w*|losch\w*|borr\w*|supprim\w*|apag\w*|remov\w*|clean\w* up|aufraum\w*"),
    ("commit", r"commit\w*|push\w*"),
    ("backup", r"back\w* up|backup\w*|sicher\w*|respald\w*|sauvegard\w*|copia de seguridad"),
    ("restore", r"restor\w*|wiederherstell\w*|restaur\w*"),
    ("fetch", r"fetch\w*|download\w*|herunterlad\w*|descarg\w*|telecharg\w*|baix\w*"),
    ("check", r"check\w*|verif\w*|pruf\w*|comprob\w*|compr[uo]eb\w*|validat\w*|scan\w*"),
    ("lint", r"lint\w*"),
    ("notify", r"notif\w*|mail\w*|messag\w*|nachricht\w*|mensaj\w*"),
    ("transform", r"transform\w*|convert\w*|umwandl\w*|clean\w*"),
    ("read", r"read\w*|load\w*|lesen|lies\w*|leer|lee|lire|lis|ler|carg\w*|laden"),
)
"""Words of what steps do, by the role that a step has (`composer.evaluation.roles`)."""

ONE = r"(?:step|schritt|paso|etape|passo|stap|agent\w*)"
"""What ordinals count: steps, or those that ask an agent."""

EMPTY = frozenset(
    re.findall(
        r"\w+",
        """
        step steps skill agent with that this them the make when then before after model text input first last
        """,
    )
)
"""Words that mean no step, though a step may have them."""
