"""The streams of Salesforce, and what it must allow for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from salesgauge.errors import SourceError
from salesgauge.sources.connections.connection import Connection
from salesgauge.sources.connections.secrets import Secrets
from salesgauge.sources.connections.stream import Right, Stream
from salesgauge.sources.connections.wire import Network
from salesgauge.sources.salesforce.api import Api
from salesgauge.sources.salesforce.objects import DELETED, MERGING
from salesgauge.sources.salesforce.reading import GRANT, Reading, merged
from salesgauge.sources.salesforce.settings import Settings, read
from salesgauge.sources.salesforce.tokens import Tokens, tokens


class Salesforce:
    """An organisation of Salesforce. Nothing is changed there."""

    def __init__(self, settings: Settings, api: Api, letting_in: Tokens, network: Network) -> None:
        self._settings, self._api, self._tokens, self._network = settings, api, letting_in, network

    def streams(self) -> Sequence[Stream]:
        """A stream per object under the object's name, and `Merged`: the records that went into others."""
        readings = self._readings()
        named = {sobject.name: reading for sobject, reading in zip(self._settings.objects, readings, strict=True)}
        merging = [name for name in MERGING if name in named]
        return [*(reading.stream() for reading in readings), merged(self._api, [named[name] for name in merging], merging)]

    def rights(self) -> Iterable[Right]:
        """Whether each object and its fields can be read; what can be done without is said and is no fault."""
        try:
            self._tokens.headers(False)
        except SourceError as problem:
            yield Right("sign in", False, problem.message)
            return
        for sobject, reading in zip(self._settings.objects, self._readings(), strict=True):
            try:
                if not reading.types():
                    yield Right(f"do without {sobject.name}", True, f"it is not there, or the user may not read it: no {sobject.without}")
                    continue
                if lacking := reading.lacking():
                    yield Right(f"read {sobject.name}", False, f"{', '.join(lacking)} cannot be read; {GRANT}")
                    continue
                next(self._api.pages(f"{reading.query(('Id',))} LIMIT 1", sobject.name))
            except SourceError as problem:
                yield Right(f"read {sobject.name}", False, problem.message)
            else:
                left_out = [name for name in self._settings.columns(sobject) if name not in (*reading.fields(), DELETED)]
                yield Right(f"read {sobject.name}", True, f"without {', '.join(left_out)}" if left_out else "")

    def close(self) -> None:
        """Ends it."""
        self._tokens.close()
        self._api.close()

    def _readings(self) -> list[Reading]:
        return [Reading(self._api, sobject, self._settings, self._network.sleep) for sobject in self._settings.objects]


def connect(connection: Connection, secrets: Secrets, network: Network) -> Salesforce:
    """The organisation at `options.url`. It lets in by client credentials (secrets `client_id`, `client_secret`), or by JWT bearer (secrets
    `client_id`, `private_key`, option `user`)."""
    settings = read(connection)
    letting_in = tokens(connection, secrets, settings.url, network)
    api = Api(connection.name, settings.url, settings.version, settings.limit_left, letting_in.headers, network)
    return Salesforce(settings, api, letting_in, network)
