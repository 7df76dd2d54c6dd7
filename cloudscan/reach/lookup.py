"""Find what a user means by a word: a store, an object in it, a principal. Errors name what is spelt most alike."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import unquote

from cloudscan.errors import UsageError
from cloudscan.estate import RECORDED, Estate, utc
from cloudscan.model import ANYONE, ANYONE_SIGNED_IN, Federation, MediaClass, MediaObject, Principal, Store
from cloudscan.policy.file import Policy
from cloudscan.tables.objects import ObjectTable
from cloudscan.wording import count

T = TypeVar("T")
_NEAREST = 5
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9]*)://(?P<name>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_BLOB = re.compile(
    r"https?://(?P<account>[^./?]+)\.(?:blob|dfs)\.[^/?]+/(?P<container>[^/?]+)(?:/(?P<key>[^?]*))?(?:\?.*)?", re.DOTALL
)
"""The address of a container or blob of Azure, with a signature if it has one ("Get Blob", "Create a service SAS")."""
_COMPARED = 20_000
_ARN = re.compile(r"arn:[^\s:]*:[^\s:]*:[^\s:]*:[^\s:]*:")
"""What is left out of an id where it is told in short."""
_SESSION = re.compile(r"arn:[^:]+:sts::(?P<account>\d{12}):assumed-role/(?P<name>[^/]+)/.+")
"""A session of a role, as the cloud names who calls ("IAM JSON policy elements: Principal")."""
_ACCOUNT = re.compile(r"(?:arn:[^:]+:(?:iam|sts)::)?(?P<account>\d{12})(?::.+)?")
_EVERYBODY = {"allUsers": ANYONE, "allAuthenticatedUsers": ANYONE_SIGNED_IN}
"""What Google Cloud calls everybody ("Principal identifiers")."""
_GUEST = re.compile(r"(?P<user>.+)_(?P<domain>[^_@]+)#EXT#@.+", re.IGNORECASE)
"""The name of a guest, which holds its address ("Properties of a Microsoft Entra B2B collaboration user")."""
_SID = re.compile(r"(, statement \d+) \((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """A store, or one object in it. ``found`` is what the listing told of the object."""

    store: Store
    found: MediaObject | None = None

    @property
    def id(self) -> str:
        """The cloud's full id."""
        return f"{self.store.id}/{self.found.key}" if self.found else self.store.id

    @property
    def media(self) -> MediaClass | None:
        """The class of the object."""
        return MediaClass(self.found.media) if self.found else None

    def narrowed(self, estate: Estate) -> Estate:
        """Return the estate with no other recording in it, so that what is derived is about this one exactly.

        Who may read an object does not hang on what it is. One that is not known to be a recording is taken for one,
        since grants are derived for recordings only. Where it was not read how this one is encrypted, one object of
        each way that others of its store are encrypted stays beside it, as no recording: it may be as they are.
        """
        if self.found is None:
            return estate
        row = self.found if self.found.media in RECORDED else self.found._replace(media=MediaClass.SPEECH)
        others = () if row.encryption_mode else _encrypted(estate, row)
        return replace(estate, objects=ObjectTable(rows=[row, *others]))


def target(estate: Estate, word: str) -> Target:
    """Find a store by its name, its full id or its URL; followed by a slash and a key, an object in it.

    A part of a name is enough for a store if no other has it.
    Raises :class:`UsageError` for what is not there, or is there more than once.
    """
    for whole in (True, False):
        found = [(store, key) for store in _stores(estate) for key in _rests(store, word, whole=whole)]
        if len({store.id for store, _ in found}) > 1:
            ids = ", ".join(sorted({store.id for store, _ in found}))
            raise UsageError(f"{word} may be each of: {ids}; give the full id")
        if found:
            store, key = found[0]
            return Target(store, _object(estate, store, key) if key else None)
    said = _said(estate.stores.values())
    if parts := [store for store in _stores(estate) if word and word in store.name]:
        return Target(_only(word, {said[store.id]: store for store in parts}))
    url = _URL.fullmatch(word)
    called = url["name"] if url else word
    names = {each: {said[store.id]} for store in estate.stores.values() for each in (store.name, store.id)}
    otherwise = (
        f"the snapshot has {count(len(estate.stores), 'store')}: reach without --from and --to lists those with audio"
    )
    raise UsageError(_missing(f"no store is called {called}", called, names, otherwise))


def _only(word: str, meant: Mapping[str, T]) -> T:
    """Return the one that is meant. Raises :class:`UsageError` where it may be several."""
    if len(meant) == 1:
        return next(iter(meant.values()))
    raise UsageError(_several(word, meant))


def _said(records: Iterable[Store | Principal | Federation]) -> Mapping[str, str]:
    """Return how each is told, by its id: by its name where that is not in the id.

    Where several have it, with what they are; where that is the same, too, with the id.
    """
    known = list(records)
    names = {one.id: (one.name, _sort(one), f"{one.name} ({one.id})") for one in known}
    shared = Counter(name for each in names.values() for name in each)
    return {
        one.id: one.id
        if not one.name or one.name in one.id
        else next((name for name in names[one.id] if shared[name] == 1), one.id)
        for one in known
    }


def _stores(estate: Estate) -> list[Store]:
    return [estate.stores[name] for name in sorted(estate.stores)]


def _rests(store: Store, word: str, *, whole: bool) -> Iterable[str]:
    """Yield the key that is left of a word when it names this store, or begins with its name."""
    url = _URL.fullmatch(word)
    if url and url["name"] == store.name and (whole == (not url["key"])):
        yield url["key"] or ""
    if (blob := _BLOB.fullmatch(word)) and store.name == f"{blob['account']}/{blob['container']}":
        if whole == (not blob["key"]):
            yield unquote(blob["key"] or "")
        return
    for name in (store.id, store.name):
        if whole and word == name:
            yield ""
        elif not whole and word.startswith(f"{name}/"):
            yield word[len(name) + 1 :]


def _object(estate: Estate, store: Store, key: str) -> MediaObject:
    sql = f"""
        SELECT {", ".join(MediaObject._fields)} FROM objects
        WHERE store = ? AND key = ? AND NOT delete_marker ORDER BY current DESC, version
    """  # noqa: S608 - our own names
    rows = [MediaObject(*row) for row in estate.objects.query(sql, [store.id, key])]
    if rows and rows[0].current:
        return rows[0]._replace(modified=utc(rows[0].modified))
    if rows:
        raise UsageError(f"{store.name} has only old versions of {key}; whether they can be read is not evaluated")
    keys = "SELECT key FROM objects WHERE store = ? AND current AND NOT delete_marker ORDER BY key LIMIT ?"
    known = {row[0]: {row[0]} for row in estate.objects.query(keys, [store.id, _COMPARED])}
    seen = "its objects were not listed, or not all" if unlisted(estate, store) else "all of its objects were listed"
    raise UsageError(_missing(f"no object of {store.name} is called {key}", key, known, seen))


def _encrypted(estate: Estate, row: MediaObject) -> list[MediaObject]:
    """Return one object, as no recording, of each way that others of a store are encrypted, as far as it was read."""
    sql = """
        SELECT encryption_mode, key_id, min(key) FROM objects
        WHERE store = ? AND current AND encryption_mode IS NOT NULL GROUP BY ALL ORDER BY ALL
    """
    return [
        MediaObject(row.store, key, media=MediaClass.OTHER, encryption_mode=mode, key_id=name)
        for mode, name, key in estate.objects.query(sql, [row.store])
    ]


def unlisted(estate: Estate, store: Store) -> bool:
    """Say whether the objects of a store were not listed, or not all of them."""
    return bool(estate.gaps_on(store.id, "objects") or estate.unasked(store.provider, store.account, "objects"))


def principal(estate: Estate, word: str, known: Collection[str], besides: Collection[str] = ()) -> str:
    """Find a principal by its id, its name, or a part of its id that no other has. ``known`` are further ids, and
    ``besides`` names of what else can be asked about, which are none of principals.

    A name is also what an address has before its @, and a guest has the address of its home; so are a display name, a
    mail address, and what somebody is before a slash and the name (group/Support). Of parts those are meant first that
    are whole words of an id. A session is its role, an application who acts as it, and what runs as somebody is whom it
    runs as. Somebody of an account outside the estate is that account, whether or not anything names it. Raises
    :class:`UsageError` for one that is not there, or may be several.
    """
    every = sorted({*known, *estate.principals, *estate.federations, ANYONE, ANYONE_SIGNED_IN})
    names = _names(estate, every)
    said = {**_runners(estate), **_said(_called(estate))}
    whole = re.compile(rf"(?:.*[:/])?{re.escape(word)}(?:[:/@].*)?", re.DOTALL)
    account = outside(estate, word)
    root = f"arn:aws:iam::{account}:root"
    given = [word] if word in every else []
    for meant in (
        given,
        _attached(estate, names.get(word, ())),
        _roles(estate, word),
        _running(estate, word),
        [root] if account and root in every else [],
        [one for one in every if word and whole.fullmatch(one)],
        [one.id for one in _called(estate) if word == _sort(one)],
        [one for one in every if word and word in one],
    ):
        if meant:
            apart = {said.get(one, one): one for one in _acting(estate, meant)}
            own = apart.pop(word, "") if len(apart) > 1 else ""
            return _only(word, _by_cloud(estate, apart | ({_sorted(estate, own): own} if own else {})))
    if account:
        return root
    plain = {one: {one} for one in every if ":" in word or ":" not in one}
    sorts = {_sort(one): {one.id} for one in _called(estate)}
    meaning = plain if ":" in word else {**sorts, **names, **plain, **{name: {name} for name in besides}}
    spelt = {form: sorted(said.get(one, one) for one in ids) for form, ids in meaning.items()}
    otherwise = f"the snapshot has {len(every):,}: reach without --from and --to lists them"
    raise UsageError(_missing(f"no principal is called {word}", word, spelt, otherwise) + _unnamed(word, every))


def _by_cloud(estate: Estate, apart: Mapping[str, str]) -> Mapping[str, str]:
    """Say of several who are of more than one cloud of which each is, where that is no id, which tells it."""
    clouds = {one.id: one.provider for one in _called(estate)}
    if len({clouds.get(own) for own in apart.values()} - {None}) <= 1:
        return apart
    return {f"{name} of {clouds[own]}" if own in clouds and name != own else name: own for name, own in apart.items()}


def _called(estate: Estate) -> Sequence[Principal | Federation]:
    """Return everybody who has a name."""
    return [*estate.principals.values(), *estate.federations.values()]


def _sort(one: Store | Principal | Federation) -> str:
    """Return what something is and its name, which tells it from what else has that name."""
    return f"{one.kind}/{one.name}"


def _sorted(estate: Estate, name: str) -> str:
    """Return the same of an id, with the id where several are that; the id itself where it has no name."""
    every = {one.id: _sort(one) for one in _called(estate)}
    sort = every.get(name, name)
    shared = list(every.values()).count(sort) > 1
    return f"{sort} ({name})" if shared else sort


def _names(estate: Estate, every: Iterable[str]) -> Mapping[str, set[str]]:
    """Return the ids that each name may mean."""
    names: dict[str, set[str]] = {word: {who} for word, who in _EVERYBODY.items()}
    called = [(one.name, one.id) for one in _called(estate)]
    called += [(alias, one.id) for one in estate.principals.values() for alias in one.aliases]
    called += [(one.unique_id, one.id) for one in estate.principals.values() if one.unique_id]
    called += [(one.rpartition(":")[2], one) for one in every if "@" in one]
    for name, full in called:
        for form in _forms(name):
            names.setdefault(form, set()).add(full)
    return names


def _forms(name: str) -> set[str]:
    """Return what a name may be told as: a guest of Microsoft Entra is called by its address with _ in place of @."""
    home = _GUEST.fullmatch(name)
    address = f"{home['user']}@{home['domain']}" if home else name
    return {name, address, address.partition("@")[0]}


def _acting(estate: Estate, meant: Iterable[str]) -> Iterator[str]:
    """Yield some principals, and for an application who acts as it, if that is known: it does nothing itself."""
    acting = {one.unique_id: one.id for one in estate.principals.values() if one.kind == "service-account"}
    applications = {one.id: one.unique_id for one in estate.principals.values() if one.kind == "application"}
    for name in meant:
        yield acting.get(own, name) if (own := applications.get(name)) else name


def _attached(estate: Estate, meant: Collection[str]) -> Collection[str]:
    """Return some principals, and if one is an identity that something has for itself, all others that it runs as."""
    places = {record.path for one in meant if (record := estate.principals.get(one)) and record.path}
    beside = (one.principal for one in estate.workloads.values() if one.id.partition("#")[0] in places)
    return {*meant, *filter(None, beside)} if places else meant


def _running(estate: Estate, word: str) -> list[str]:
    """Return as whom something runs that has this name or id."""
    named = (one for one in estate.workloads.values() if word in (one.name, one.id, one.id.partition("#")[0]))
    return sorted({one.principal for one in named if one.principal})


def _runners(estate: Estate) -> Mapping[str, str]:
    """Say of those as whom something runs what that is, for those of whom no more is known."""
    running = ((one.principal, one.name) for one in estate.workloads.values() if one.principal)
    return {who: f"{who} (as which {name} runs)" for who, name in running}


def calls(estate: Estate, who: str) -> tuple[str, ...]:
    """Return by what a policy file may name a principal: its id, and its name or address.

    A name that another directory gave is none: whoever is there chooses it, and may choose that of somebody approved.
    """
    record = estate.principals.get(who) or estate.federations.get(who)
    if record is not None and not _abroad(estate, record):
        return who, record.name
    return (who, who.rpartition(":")[2]) if "@" in who else (who,)


def abroad(estate: Estate, name: str) -> list[str]:
    """Return the ids of those of other directories that are called so."""
    return sorted(one.id for one in estate.principals.values() if one.name == name and _abroad(estate, one))


def _abroad(estate: Estate, record: Principal | Federation) -> bool:
    """Say whether a record is of a directory that is known to be none of the estate's in its cloud."""
    if record.account in estate.accounts or not record.account:
        return False
    homes = (one.organization for one in estate.accounts.values() if one.provider == record.provider)
    known = False
    for home in filter(None, homes):
        known = True
        if home == record.account:
            return False
    return known and all(store.account != record.account for store in estate.stores.values())


def refuse_unclear(estate: Estate, policy: Policy) -> None:
    """Raise :class:`UsageError` where the policy file approves of a reader by a name that several have."""
    every = sorted({*estate.principals, *estate.federations})
    named: dict[str, list[str]] = {}
    for who in every if policy.access.approved_readers else ():
        for name in calls(estate, who)[1:]:
            named.setdefault(name, []).append(who)
    for rule in policy.access.approved_readers:
        for word in rule.principals:
            if len(meant := named.get(word, [])) > 1 and not all(rule.include(who) for who in meant):
                raise UsageError(f"access.approved_readers: {_several(word, meant)}")


def _several(word: str, meant: Collection[str]) -> str:
    more = f" and {len(meant) - _NEAREST:,} more" if len(meant) > _NEAREST else ""
    return f"{word} may be each of: {', '.join(sorted(meant)[:_NEAREST])}{more}; give the full id"


def _unnamed(word: str, every: Collection[str]) -> str:
    """Say of an address as whom its holder reads all the same, "" of other words."""
    if "@" not in word:
        return ""
    domain = f"domain:{word.rpartition('@')[2]}"
    whom = f"{ANYONE}, {ANYONE_SIGNED_IN} and {domain}" if domain in every else f"{ANYONE} and {ANYONE_SIGNED_IN}"
    return f"; somebody whom nothing names reads as {whom}"


def _roles(estate: Estate, word: str) -> list[str]:
    """Return the role whose session a word names."""
    session = _SESSION.fullmatch(word)
    called = (session["account"], "role", session["name"]) if session else None
    return [one.id for one in estate.principals.values() if (one.account, one.kind, one.name) == called]


def outside(estate: Estate, word: str) -> str:
    """Return the account of an id, or that a word is, if it is none of the estate's; "" else."""
    found = _ACCOUNT.fullmatch(word)
    held = {*estate.accounts, *(one.account for one in estate.principals.values())}
    held |= {one.account for one in estate.stores.values()}
    return found["account"] if found and found["account"] not in held else ""


def taken_for(estate: Estate, word: str, name: str) -> str:
    """Say what a word was taken for, "" where it is the name or the id itself. An id that tells nothing is not said."""
    said = _said(_called(estate)).get(name, name)
    return "" if word in (name, said) or name.endswith((f"/{word}", f":{word}")) else f"{word} is taken for {said}"


def statements(words: Iterable[str], known: Collection[str]) -> list[str]:
    """Find statements by the names that proofs give them, with or without the id in brackets, in full or shortened,
    or by that id alone where no other has it.

    Raises :class:`UsageError` for one that is not there, or may be several: without it nothing would be any different,
    which would be no answer.
    """
    forms: dict[str, set[str]] = {}
    for name in known:
        ids = [found[2] for found in _SID.finditer(name)]
        for form in {each for whole in (name, _SID.sub(r"\1", name)) for each in (whole, _ARN.sub("", whole), *ids)}:
            forms.setdefault(form, set()).add(name)
    return [word if word in known else _statement(word.strip(), forms) for word in words]


def _statement(word: str, forms: Mapping[str, set[str]]) -> str:
    meant = forms.get(word) or forms.get(_ARN.sub("", word)) or set()
    if len(meant) == 1:
        return next(iter(meant))
    if meant:
        raise UsageError(f"{word} may be each of: {'; '.join(sorted(meant)[:_NEAREST])}; give the full name")
    near = dict.fromkeys(one for form in _near(word, sorted(forms)[:_COMPARED]) for one in sorted(forms[form]))
    told = f"nearest: {'; '.join(near)}" if near else "proofs and --cut name them, as in: DOCUMENT, statement 1"
    raise UsageError(f"no statement is called {word or repr(word)}; {told}")


def _missing(words: str, word: str, names: Mapping[str, Collection[str]], otherwise: str) -> str:
    near = list(dict.fromkeys(one for name in _near(word, list(names)) for one in names[name]))[:_NEAREST]
    return f"{words}; nearest: {', '.join(near)}" if near else f"{words}; {otherwise}"


def _near(word: str, names: Sequence[str]) -> list[str]:
    """Return what is spelt most alike, whatever its case."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    return [folded[name] for name in difflib.get_close_matches(word.casefold(), folded, n=_NEAREST, cutoff=0.5)]
