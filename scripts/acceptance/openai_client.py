#!/usr/bin/env python3
"""What the unmodified `openai` package gets from a running network.

usage: openai_client.py BASE_URL API_KEY MODEL

A plain and a streamed completion; the same seed gives the same text, another seed another; unknown model, wrong key and
malformed body give 404, 401 and 400 in OpenAI's shapes. Prints a line a check, exits 1 where one fails.
"""
import json
import sys
import urllib.error
import urllib.request

import openai

base_url, key, model = sys.argv[1:4]
client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0)
failures = 0


def check(name, holds, detail=""):
    global failures
    failures += not holds
    print(f"{'ok  ' if holds else 'FAIL'} {name}{': ' + detail if detail else ''}")


def ask(text, **options):
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": text}], max_tokens=32, **options)


def status_of(call):
    try:
        call()
    except openai.APIStatusError as error:
        return error.status_code, error.code
    return 200, None


plain = ask("Name three colours.", temperature=0)
check("plain completion", bool(plain.choices[0].message.content), plain.choices[0].message.content)
check("usage adds up", plain.usage.prompt_tokens + plain.usage.completion_tokens == plain.usage.total_tokens)

chunks = list(ask("Name three colours.", temperature=0, stream=True, stream_options={"include_usage": True}))
text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
check("streamed completion", text == plain.choices[0].message.content, text)
check("one finish reason", sum(1 for chunk in chunks for c in chunk.choices if c.finish_reason) == 1)
check("usage in the last chunk", chunks[-1].usage is not None and not chunks[-1].choices)

story = "Write one sentence about a lighthouse."
first, second = (ask(story, temperature=1, seed=7).choices[0].message.content for _ in range(2))
other = ask(story, temperature=1, seed=8).choices[0].message.content
check("same seed, same text", first == second, first)
check("another seed, another text", first != other, other)

check("unknown model is 404", status_of(lambda: client.chat.completions.create(
    model="no-such-model", messages=[{"role": "user", "content": "x"}])) == (404, "model_not_found"))
stranger = openai.OpenAI(base_url=base_url, api_key="sk-wrong", max_retries=0)
check("wrong key is 401", status_of(lambda: stranger.chat.completions.create(
    model=model, messages=[{"role": "user", "content": "x"}])) == (401, "invalid_api_key"))
check("models need no key", any(entry.id == model for entry in stranger.models.list().data))

request = urllib.request.Request(
    base_url + "/chat/completions", data=b'{"model": ',
    headers={"content-type": "application/json", "authorization": f"Bearer {key}"})
try:
    urllib.request.urlopen(request)
    check("malformed body is 400", False)
except urllib.error.HTTPError as error:
    body = json.loads(error.read())
    check("malformed body is 400", error.code == 400 and set(body["error"]) == {"message", "type", "param", "code"},
          body["error"]["message"])

sys.exit(1 if failures else 0)
