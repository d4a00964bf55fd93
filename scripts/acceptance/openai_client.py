#!/usr/bin/env python3
"""What the unmodified `openai` package gets from a network.

usage: scripts/acceptance/python scripts/acceptance/openai_client.py GONKA

Starts a network of its own: node, three hosts and a gateway, a process each. A plain and a streamed completion; the
same seed gives the same text again, from every host, and after all processes were stopped and started; another seed
another text; unknown model, wrong key and malformed body give 404, 401 and 400 in OpenAI's shapes. The header
`X-Gonka-Host` names the host, and the receipt must name it too. Prints a line a check, exits 1 where one fails.
"""
import json
import sys
import tempfile
import urllib.error
import urllib.request

import openai

from network import MODEL, Checks, Network
from statements import Receipt

QUESTION = "Name three colours."
STORY = "Write one sentence about a lighthouse."

check = Checks()


def ask(client, text, **options):
    return client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": text}], max_tokens=32, **options)


def story(client, network, seed, host):
    """The text that a seed gives on a host; the receipt says whether it was that host."""
    completion = ask(client, STORY, temperature=1, seed=seed, extra_headers={"X-Gonka-Host": host.address})
    signer = network.executor(Receipt(completion.model_extra["gonka"]["receipt"]))
    check(f"{host.name} was asked and signed the receipt", signer is host)
    return completion.choices[0].message.content


def status_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return error.status_code, error.code
    return 200, None


def check_completions(client):
    plain = ask(client, QUESTION, temperature=0)
    expected = plain.choices[0].message.content
    check("plain completion", bool(expected), repr(expected))
    check("usage adds up", plain.usage.prompt_tokens + plain.usage.completion_tokens == plain.usage.total_tokens)

    chunks = list(ask(client, QUESTION, temperature=0, stream=True, stream_options={"include_usage": True}))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    check("streamed completion, in several chunks", text == expected and len(chunks) > 3, repr(text))
    check("one finish reason", sum(1 for chunk in chunks for c in chunk.choices if c.finish_reason) == 1)
    check("usage in the last chunk", chunks[-1].usage is not None and not chunks[-1].choices)


def check_errors(client, network):
    question = [{"role": "user", "content": "x"}]
    check("unknown model is 404", status_of(lambda: client.chat.completions.create(
        model="no-such-model", messages=question)) == (404, "model_not_found"))
    stranger = openai.OpenAI(base_url=network.base_url, api_key="sk-wrong", max_retries=0)
    check("wrong key is 401", status_of(lambda: stranger.chat.completions.create(
        model=MODEL, messages=question)) == (401, "invalid_api_key"))
    check("models need no key", any(entry.id == MODEL for entry in stranger.models.list().data))

    request = urllib.request.Request(
        network.base_url + "/chat/completions", data=b'{"model": ',
        headers={"content-type": "application/json", "authorization": f"Bearer {network.api_key()}"})
    try:
        urllib.request.urlopen(request)
        check("malformed body is 400", False, "it was accepted")
    except urllib.error.HTTPError as error:
        body = json.loads(error.read())
        check("malformed body is 400", error.code == 400 and set(body["error"]) == {"message", "type", "param", "code"},
              body["error"]["message"])


def check_seeds(client, network):
    """Asks every host, the first one twice; returns the text of seed 7."""
    texts = [story(client, network, 7, host) for host in [*network.hosts, network.hosts[0]]]
    check("same seed, same text, again and on every host", len(set(texts)) == 1, repr(texts[0]))
    other = story(client, network, 8, network.hosts[0])
    check("another seed, another text", other != texts[0], repr(other))
    return texts[0]


def check_after_restart(client, network, text):
    network.end()
    network.start()
    again = [story(client, network, 7, host) for host in network.hosts[:2]]
    check("same seed, same text after a restart, on two hosts", set(again) == {text}, repr(again[0]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        network = Network(sys.argv[1], folder)
        try:
            network.start()
            client = openai.OpenAI(base_url=network.base_url, api_key=network.api_key(), max_retries=0)
            check_completions(client)
            text = check_seeds(client, network)
            check_errors(client, network)
            check_after_restart(client, network, text)
        finally:
            network.end()
    check.exit()


main()
