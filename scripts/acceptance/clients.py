#!/usr/bin/env python3
"""What the unmodified client packages of other people get from a network: openai, gonka-openai, litellm, llm, langchain-openai.

usage: scripts/acceptance/clients.py GONKA [--only NAME]

Starts a devnet of its own on free ports. Each package has a virtual environment of its own in this user's cache, with pinned
versions. Each asks in one piece and streamed, and must get the very text that a plain HTTP request got; then it makes each
kind of mistake and must raise what it raises for OpenAI's own service. gonka-openai finds the gateway by discovery and signs
its requests. Prints a line a check, exits 1 where one fails. Takes packages from PyPI.
"""
import argparse
import contextlib
import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from environments import clean_environment, environment
from network import MODEL, Checks, devnet, machine

PACKAGES = {
    "openai": ["openai==3.57.0"],
    # By itself it cannot be imported: it brings an openai without httpx.
    "gonka-openai": ["gonka-openai==0.2.6", "httpx==0.28.1", "openai==3.57.0"],
    "litellm": ["litellm==1.110.2"],
    "llm": ["llm==0.36", "openai==3.57.0"],
    "langchain-openai": ["langchain-openai==1.7.4"],
}
QUESTION = "Name three colours."
TOKENS = 24
# Of nobody; a devnet lets any address ask. The second one's account is listed with a budget of one ngonka.
PRIVATE_KEY = "11" * 32
BROKE_PRIVATE_KEY = "22" * 32
BROKE_ADDRESS = "gonka12vfxp232rx0z9rzn0hay9jptagk8c86drpv2ae"
WRONG_KEY = "sk-wrong"
NO_MODEL = "no-such-model"

check = Checks()


class Place:
    """Where to ask, what the answer must be, and keys: one that may ask, one without coins, one for a request a minute."""

    def __init__(self, url, key, expected=None, broke=None, slow=None):
        self.url, self.key, self.expected, self.broke, self.slow = url, key, expected, broke, slow
        self.base_url = url + "/v1"

    def post(self, body, headers=None):
        """Status and JSON of a plain HTTP request."""
        request = urllib.request.Request(
            f"{self.base_url}/chat/completions", json.dumps(body).encode(),
            {"content-type": "application/json", **(headers or {"authorization": f"Bearer {self.key}"})})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def ask(self):
        status, answer = self.post({"model": MODEL, "messages": messages(), "max_tokens": TOKENS, "temperature": 0})
        check("a plain HTTP request is answered", status == 200, answer if status != 200 else "")
        return answer["choices"][0]["message"]["content"]


def messages(text=QUESTION):
    return [{"role": "user", "content": text}]


def same(name, place, text):
    check(name, text == place.expected, repr(text))


def raises(name, kind, call, *words):
    """Whether a call raises this kind of error, with these words in its text or its code."""
    try:
        call()
        check(name, False, "nothing was raised")
    except kind as error:
        text = f"{error} {getattr(error, 'code', '')}"
        check(name, all(word in text for word in words), type(error).__name__)
    except Exception as error:  # the check is that no other kind comes
        check(name, False, f"{type(error).__name__}: {error}")


def raises_status(name, openai, status, call):
    """Whether a call raises an error of this status."""
    try:
        call()
        check(name, False, "nothing was raised")
    except openai.APIStatusError as error:
        check(name, error.status_code == status, f"{type(error).__name__}, {error.code}")


def openai_errors(client, openai, place, wrong, broke, slow):
    """What any client of the openai package raises."""
    def create(chosen=client, **options):
        return chosen.chat.completions.create(**{"model": MODEL, "messages": messages(), "max_tokens": 1, **options})

    raises("a wrong credential", openai.AuthenticationError, lambda: create(wrong), "Incorrect API key provided")
    raises("an unknown model", openai.NotFoundError, lambda: create(model=NO_MODEL), "model_not_found")
    raises("an unknown model, streamed", openai.NotFoundError, lambda: create(model=NO_MODEL, stream=True))
    raises("a value out of range", openai.BadRequestError, lambda: create(temperature=9), "temperature")
    raises("an unknown field", openai.BadRequestError, lambda: create(extra_body={"magic": 1}), "magic")
    raises("no messages", openai.BadRequestError, lambda: create(messages=[]), "messages")
    raises("too long a prompt", openai.BadRequestError, lambda: create(messages=messages("word " * 9_000)),
           "context_length_exceeded")
    raises_status("no coins left", openai, 402, lambda: create(broke))
    raises_status("no coins left, streamed", openai, 402, lambda: create(broke, stream=True))
    if slow:
        create(slow)
        raises("too many requests", openai.RateLimitError, lambda: create(slow), "requests per minute")


def openai_answers(client, place):
    plain = client.chat.completions.create(model=MODEL, messages=messages(), max_tokens=TOKENS, temperature=0)
    same("in one piece", place, plain.choices[0].message.content)
    check("usage adds up", plain.usage.total_tokens == plain.usage.prompt_tokens + plain.usage.completion_tokens)
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=messages(), max_tokens=TOKENS, temperature=0, stream=True,
        stream_options={"include_usage": True}))
    same("streamed", place, "".join(c.delta.content or "" for chunk in chunks for c in chunk.choices))
    check("streamed, in several chunks", len(chunks) > 3)
    check("the models are listed", MODEL in [model.id for model in client.models.list().data])
    check("one model", client.models.retrieve(MODEL).id == MODEL)


WEATHER = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}, "days": {"type": "integer",
           "minimum": 1, "maximum": 9}}, "required": ["city", "days"], "additionalProperties": False}


def openai_forms(client):
    """Calls, schemas, several choices, log-probabilities, and the other paths."""
    def chat(**options):
        return client.chat.completions.create(model=MODEL, messages=messages(), max_tokens=100, **options)

    tool = {"type": "function", "function": {"name": "weather", "parameters": WEATHER, "strict": True}}
    call = chat(tools=[tool], tool_choice="required", parallel_tool_calls=False).choices[0]
    check("a forced call is a call", call.finish_reason == "tool_calls" and not call.message.content, call.message.tool_calls)
    arguments = json.loads(call.message.tool_calls[0].function.arguments)
    check("its arguments keep to the schema", set(arguments) == {"city", "days"} and arguments["days"] in range(1, 10), arguments)
    deltas = [delta for chunk in chat(tools=[tool], tool_choice="required", parallel_tool_calls=False, stream=True)
              for choice in chunk.choices for delta in choice.delta.tool_calls or []]
    check("a streamed call comes in pieces", len(deltas) > 2 and deltas[0].function.name == "weather"
          and set(json.loads("".join(delta.function.arguments for delta in deltas))) == {"city", "days"}, len(deltas))
    shape = {"type": "json_schema", "json_schema": {"name": "weather", "schema": WEATHER, "strict": True}}
    text = chat(response_format=shape).choices[0].message.content
    check("a schema is kept to", set(json.loads(text)) == {"city", "days"}, repr(text))
    many = chat(n=2, seed=7, logprobs=True, top_logprobs=2, extra_body={"max_tokens": 8})
    check("two choices, a receipt each", [choice.index for choice in many.choices] == [0, 1]
          and len(many.model_extra["gonka"]) == 2)
    listed = many.choices[0].logprobs.content
    check("log-probabilities spell the text", "".join(entry.token for entry in listed) == many.choices[0].message.content
          and all(len(entry.top_logprobs) == 2 and entry.logprob <= 0 for entry in listed))
    check("what it was made with is named", (many.system_fingerprint or "").startswith("fp_"), many.system_fingerprint)
    plain = client.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=8, echo=True)
    check("a text completion begins with its prompt", plain.choices[0].text.startswith("Once upon a time"), repr(plain.choices[0].text))
    vectors = client.embeddings.create(model=MODEL, input=["a cat", "a cat", "a treaty"]).data
    check("the same text has the same vector", vectors[0].embedding == vectors[1].embedding != vectors[2].embedding,
          f"{len(vectors[0].embedding)} numbers")
    response = client.responses.create(model=MODEL, input=QUESTION, max_output_tokens=TOKENS, temperature=0)
    events = list(client.responses.create(model=MODEL, input=QUESTION, max_output_tokens=TOKENS, temperature=0, stream=True))
    check("a response, in one piece and streamed", bool(response.output_text)
          and response.output_text == "".join(event.delta for event in events if event.type == "response.output_text.delta"),
          repr(response.output_text))


def with_openai(place):
    import openai
    client = openai.OpenAI(base_url=place.base_url, api_key=place.key, max_retries=0)
    openai_answers(client, place)
    openai_forms(client)
    others = [openai.OpenAI(base_url=place.base_url, api_key=key, max_retries=0)
              for key in (WRONG_KEY, place.broke, place.slow)]
    openai_errors(client, openai, place, *others)
    raises("another path", openai.NotFoundError, lambda: client.get("/nothing", cast_to=object), "unknown_url")


def with_gonka_openai(place):
    import gonka_openai
    import openai

    def signing(key=PRIVATE_KEY, **where):
        with contextlib.redirect_stdout(None):  # it says what it does
            return gonka_openai.GonkaOpenAI(gonka_private_key=key, max_retries=0, **where)

    client = signing(source_url=place.url)
    openai_answers(client, place)
    # Signed for another transfer agent than the one that is asked.
    stranger = signing(endpoints=[gonka_openai.Endpoint(place.base_url, BROKE_ADDRESS)])
    broke = signing(BROKE_PRIVATE_KEY, source_url=place.url)
    openai_errors(client, openai, place, stranger, broke, None)

    sent = []
    client._client.event_hooks["request"].append(lambda request: sent.append((request.read(), dict(request.headers))))
    client.chat.completions.create(model=MODEL, messages=messages(), max_tokens=1)
    body, headers = sent[-1]
    signed = {name: headers[name] for name in ("authorization", "x-requester-address", "x-timestamp")}
    status, error = place.post(json.loads(body), signed)
    check("a signature of other bytes", (status, error["error"]["code"]) == (401, "invalid_signature"), error)


def with_litellm(place):
    # Else it fetches a list of prices from elsewhere.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm
    litellm.suppress_debug_info = True

    def complete(key=place.key, **options):
        return litellm.completion(**{
            "model": f"openai/{MODEL}", "api_base": place.base_url, "api_key": key, "messages": messages(),
            "max_tokens": TOKENS, "temperature": 0, "num_retries": 0, "max_retries": 0, **options})

    same("in one piece", place, complete().choices[0].message.content)
    same("streamed", place, "".join(chunk.choices[0].delta.content or "" for chunk in complete(stream=True)))
    raises("a wrong key", litellm.AuthenticationError, lambda: complete(WRONG_KEY))
    raises("an unknown model", litellm.NotFoundError, lambda: complete(model=f"openai/{NO_MODEL}"))
    raises("a value out of range", litellm.BadRequestError, lambda: complete(temperature=9))
    raises("no coins left", litellm.APIError, lambda: complete(place.broke), "exceeded your current quota")
    complete(place.slow)
    raises("too many requests", litellm.RateLimitError, lambda: complete(place.slow))
    raises("too long a prompt", litellm.ContextWindowExceededError, lambda: complete(messages=messages("word " * 9_000)))


def with_llm(place):
    folder = pathlib.Path(tempfile.mkdtemp())
    os.environ["LLM_USER_PATH"] = str(folder)
    (folder / "extra-openai-models.yaml").write_text(json.dumps([
        {"model_id": name, "model_name": model, "api_base": place.base_url, "api_key_name": "gonka"}
        for name, model in (("here", MODEL), ("nowhere", NO_MODEL))]))
    import llm

    def prompt(model="here", key=place.key, stream=False, temperature=0):
        return llm.get_model(model).prompt(QUESTION, key=key, stream=stream, temperature=temperature, max_tokens=TOKENS)

    same("in one piece", place, prompt().text())
    same("streamed", place, "".join(prompt(stream=True)))
    raises("a wrong key", Exception, lambda: prompt(key=WRONG_KEY).text(), "Incorrect API key provided")
    raises("an unknown model", Exception, lambda: prompt("nowhere", stream=True).text(), NO_MODEL)
    raises("no coins left", Exception, lambda: prompt(key=place.broke).text(), "exceeded your current quota")


def with_langchain_openai(place):
    import langchain_openai
    import openai

    def chat(key=place.key, model=MODEL, temperature=0):
        return langchain_openai.ChatOpenAI(
            base_url=place.base_url, api_key=key, model=model, temperature=temperature, max_tokens=TOKENS,
            max_retries=0)

    same("in one piece", place, chat().invoke(QUESTION).content)
    same("streamed", place, "".join(chunk.content for chunk in chat().stream(QUESTION)))
    raises("a wrong key", openai.AuthenticationError, lambda: chat(WRONG_KEY).invoke(QUESTION))
    raises("an unknown model", openai.NotFoundError, lambda: chat(model=NO_MODEL).invoke(QUESTION), "model_not_found")
    raises("an unknown model, streamed", openai.NotFoundError, lambda: list(chat(model=NO_MODEL).stream(QUESTION)))
    raises("a value out of range", openai.BadRequestError, lambda: chat(temperature=9).invoke(QUESTION))
    raises_status("no coins left", openai, 402, lambda: chat(place.broke).invoke(QUESTION))
    chat(place.slow).invoke(QUESTION)
    raises("too many requests", openai.RateLimitError, lambda: chat(place.slow).invoke(QUESTION))


CLIENTS = {
    "openai": with_openai, "gonka-openai": with_gonka_openai, "litellm": with_litellm, "llm": with_llm,
    "langchain-openai": with_langchain_openai,
}


def make_key(gonka, home, *words):
    """A key of the gateway in this home, or what is said where an account is listed."""
    return subprocess.run([gonka, "gateway", "keys", "create", "--home", str(home), *words], check=True,
                          capture_output=True, text=True).stdout.strip()


def wait_for(place, key):
    """Waits until a running gateway takes a key: it follows the file of keys within seconds."""
    headers = {"authorization": f"Bearer {key}"}
    while place.post({"model": NO_MODEL, "messages": messages()}, headers)[0] == 401:
        time.sleep(0.2)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("gonka", nargs="?")
    parser.add_argument("--only", choices=CLIENTS)
    parser.add_argument("--inside", choices=CLIENTS, help="used by this program itself: a client in its environment")
    arguments = parser.parse_args()
    if arguments.inside:
        logging.disable(logging.WARNING)
        CLIENTS[arguments.inside](Place(**json.load(sys.stdin)))
        check.exit()
    names = [arguments.only] if arguments.only else list(CLIENTS)
    pythons = {name: environment(f"client-{name}", PACKAGES[name]) for name in names}
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        gonka = str(pathlib.Path(arguments.gonka).resolve())
        network = devnet(gonka, folder)
        try:
            key = (pathlib.Path(folder) / "gateway" / "devnet-api-key").read_text().strip()
            make_key(gonka, folder, "--address", BROKE_ADDRESS, "--budget-total", "1")
            broke = make_key(gonka, folder, "broke", "--budget-total", "1")
            slow = {name: make_key(gonka, folder, f"slow-{name}", "--requests-per-minute", "1") for name in names}
            place = Place(network.url, key)
            place.expected = place.ask()
            wait_for(place, slow[names[-1]])
            for name in names:
                told = json.dumps({"url": place.url, "key": key, "expected": place.expected, "broke": broke,
                                   "slow": slow[name]})
                print(f"--- {' '.join(PACKAGES[name])}", flush=True)
                result = subprocess.run(
                    [str(pythons[name]), "-B", __file__, "--inside", name], input=told, text=True,
                    env=clean_environment(), timeout=600)
                check.failures += result.returncode != 0
        finally:
            network.end()
    check.exit()


main()
