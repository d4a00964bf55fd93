# The vocabulary of this project; `make help` prints it, and CI runs the same words.
#
# Each target says what it does and how long it took. One debug build serves `build`, `test`, `golden` and `demo`, so
# that a fresh clone compiles nothing twice: the heavy arithmetic is C, which is optimised in every configuration.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

## Variables: ARGS (arguments of demo, clients, schema, kills, deletions, bench, calibrate, figures, epochs and adversaries), ONLY (a test filter), CONFIG (debug, or release)
ARGS ?=
ONLY ?=
CONFIG ?= debug

STEP := scripts/step
BUILD := scripts/with-env swift build -c $(CONFIG) --explicit-target-dependency-import-check error
BUILD_DEBUG := scripts/with-env swift build --explicit-target-dependency-import-check error
TEST := scripts/with-env swift test -c $(CONFIG) --skip-build
FORMATTED := Package.swift Sources Tests
CORE := GONKA_CORE_ONLY=1
CORE_PATH := --scratch-path .build-core
GONKA := .build/$(CONFIG)/gonka
PYTHON := scripts/with-env scripts/acceptance/python
ACCEPT_PORTS := --gateway-port 20080 --first-host-port 20081 --node-port 20084
CHAIN := .build/replay.blocks
# Tests beside which others would miss their time limits, or they theirs.
HEAVY := RealCheatTests|SchedulingTests|BrokenEngineTests|PrefixCacheTests|ConstrainedTests|ShelvedModelTests
# Tests of deadlines, which nobody keeps beside arithmetic on all cores.
TIMED := ^GatewayTests[.]|^HTTPEdgeTests[.]
CI_STEPS := lint tidy golden test replay calibrate figures epochs demo operations clients schema structured bench-tenth daemons kills

.PHONY: help setup build demo test ledger fmt lint tidy tidy-tighten golden golden-approve protos accept kills replay
.PHONY: clients schema structured daemons operations deletions bench bench-build bench-engine bench-gateway bench-path
.PHONY: foreign bench-streams bench-tenth calibrate figures epochs
.PHONY: adversaries routing abci test-live ci build-tests

help:  ## Print this list.
	@echo 'make TARGET [VARIABLE=value]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile
	@echo
	@sed -n 's/^## //p' Makefile

setup:  ## Install what the build needs: system libraries, libllama, the model. Nothing to do takes no time.
	@$(STEP) 'setup' scripts/setup.sh

build: setup  ## Build the program and every library.
	@$(STEP) 'build ($(CONFIG))' $(BUILD)

build-tests: setup
	@$(STEP) 'build with tests ($(CONFIG))' $(BUILD) --build-tests

demo: setup  ## Bring up a network, ask a question, show who was paid. ARGS=--once stops after that.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'demo' scripts/with-env .build/$(CONFIG)/gonka devnet --demo $(ARGS)

test: build-tests  ## Run the tests. ONLY=LedgerTests runs what matches.
	@$(STEP) 'test' $(TEST) $(if $(ONLY),--filter '$(ONLY)',--skip '$(HEAVY)|$(TIMED)')
ifeq ($(ONLY),)
	@$(STEP) 'test what keeps deadlines, alone' $(TEST) --filter '$(TIMED)'
	@$(STEP) 'test what takes all cores, alone' $(TEST) --no-parallel --filter '$(HEAVY)'
endif

ledger:  ## Build and test Base to Ledger alone, without network, disk and engine: minutes cold, seconds after a change.
	@pkg-config --exists libsecp256k1 libcrypto || $(STEP) 'setup' scripts/setup.sh
	@$(STEP) 'build the ledger' env $(CORE) swift build $(CORE_PATH) --build-tests
	@$(STEP) 'test the ledger' env $(CORE) swift test $(CORE_PATH) --skip-build $(if $(ONLY),--filter '$(ONLY)')

fmt:  ## Format all Swift sources in place.
	@$(STEP) 'format' swift format --in-place --parallel --recursive $(FORMATTED)

accept: setup  ## Check a network from outside: the openai package, forged receipts, payments, proofs. Takes packages from PyPI.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'the openai package' $(PYTHON) scripts/acceptance/openai_client.py $(GONKA)
	@home=$$(mktemp -d); trap 'rm -rf "$$home"' EXIT; \
	$(STEP) 'a demo to check' scripts/with-env $(GONKA) devnet --demo --once --home "$$home" $(ACCEPT_PORTS); \
	$(STEP) 'receipts' $(PYTHON) scripts/acceptance/verify.py $(GONKA) "$$home"; \
	$(STEP) 'payments' $(PYTHON) scripts/acceptance/payments.py $(GONKA) "$$home"; \
	$(STEP) 'proofs' $(PYTHON) scripts/acceptance/proofs.py $(GONKA) "$$home"

clients: setup  ## What the openai, gonka-openai, litellm, llm and langchain-openai packages get. ARGS='--only llm'. Takes packages from PyPI.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'clients' scripts/with-env python3 -B scripts/acceptance/clients.py $(GONKA) $(ARGS)

foreign: setup  ## Hold an ML node before llama.cpp's own server to what every engine must do. Takes a package from PyPI.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'foreign' scripts/with-env python3 -B scripts/acceptance/foreign.py $(GONKA) $(ARGS)

kills: setup  ## Kill parts of a network (-9), then look for what was lost or paid twice. ARGS='--kills 50 --seed 2'.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'kills' scripts/with-env python3 -B scripts/acceptance/kills.py $(GONKA) $(ARGS)

structured: setup  ## Answers by random JSON schemas and forced calls on the real model, validated and audited. ARGS='--schemas 1000' is the default. Takes a package from PyPI.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'structured' scripts/with-env python3 -B scripts/acceptance/structured.py $(GONKA) $(ARGS)

schema: setup  ## Ask a gateway by bodies made of OpenAI's published schema, and hold the answers against it. ARGS='--cases 20000'. Takes packages from PyPI.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'schema' scripts/with-env python3 -B scripts/acceptance/schema.py $(GONKA) $(ARGS)

daemons: setup  ## Two epochs of separate daemons under load, each killed (-9) in turn; docs/acceptance. ARGS='--epochs 3'.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'daemons' scripts/with-env python3 -B scripts/acceptance/daemons.py $(GONKA) $(ARGS)

operations: setup  ## Run the commands of docs/operations.md as they stand there.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'operations' scripts/with-env python3 -B scripts/acceptance/operations.py $(GONKA)

deletions:  ## Delete single checks one at a time, in a copy: a test must fail each time. ARGS='--count 10 --seed 7', --all, --list, --check.
	@pkg-config --exists libsecp256k1 libcrypto || $(STEP) 'setup' scripts/setup.sh
	@$(STEP) 'deletions' python3 -B scripts/acceptance/deletions.py $(ARGS)

replay: setup  ## Replay random blocks in five processes, which must agree. CONFIG=release: debug and release, one file.
	@$(STEP) 'build gonka (debug)' $(BUILD_DEBUG) --product gonka
	@$(STEP) 'build ChainFile (debug)' $(BUILD_DEBUG) --product ChainFile
ifeq ($(CONFIG),release)
	@$(STEP) 'build gonka (release)' $(BUILD) --product gonka
endif
	@rm -f $(CHAIN)
	@$(STEP) 'write a block file' .build/debug/ChainFile $(CHAIN)
	@$(STEP) 'replay' scripts/acceptance/replay.py $(CHAIN) $(addprefix .build/,$(addsuffix /gonka,$(sort debug $(CONFIG))))

lint:  ## Check the formatting; warnings fail.
	@$(STEP) 'lint' swift format lint --strict --parallel --recursive $(FORMATTED)

tidy: .build-tidy/tidy  ## Check layers, banned tokens, names, sizes, links, hygiene; each message says what to do.
	@$(STEP) 'tidy checks itself' .build-tidy/tidy --self-test
	@$(STEP) 'tidy' .build-tidy/tidy
	@python3 -B scripts/acceptance/deletions.py --check

tidy-tighten: .build-tidy/tidy  ## Lower the size ratchet to today's sizes.
	@.build-tidy/tidy --tighten

.build-tidy/tidy: $(wildcard Sources/Tidy/*.swift)
	@mkdir -p .build-tidy
	@$(STEP) 'compile tidy' swiftc -swift-version 6 -warnings-as-errors -enable-upcoming-feature ExistentialAny \
		-module-name tidy $^ -o $@

golden: build-tests  ## Compare wire bytes, hashes and shapes with Tests/Golden.
	@$(STEP) 'golden' $(TEST) --filter Golden

golden-approve: build-tests  ## Rewrite Tests/Golden from today's results: an approval of a breaking change.
	@$(STEP) 'golden-approve' env GONKA_GOLDEN_APPROVE=1 $(TEST) --filter Golden
	@git --no-pager diff --stat -- Tests/Golden

protos:  ## Generate Tests/WireTests/Generated and ABCI.pb.swift, with protoc and a plug-in that is compiled once.
	@$(STEP) 'protos' scripts/protos.sh

bench: setup  ## Measure ledger, servers, node and engine in a release build. ARGS=--quick is a trial, ARGS='--only ledger' a part.
	@$(STEP) 'build gonka (release)' scripts/with-env swift build -c release --product gonka
	@$(STEP) 'bench' scripts/with-env .build/release/gonka bench $(ARGS)

bench-engine: bench-build  ## The engine beside llama.cpp's own server, from the same sources and from PyPI, 1, 16 and 64 requests; compiles that server once. ARGS=--quick.
	@$(STEP) 'bench-engine' scripts/with-env python3 -B scripts/bench/engine.py .build/release/gonka $(ARGS)

bench-gateway: bench-build  ## The gateway beside nginx, LiteLLM's proxy and none, a quarter of an hour; installs nginx and wrk. ARGS=--quick: some minutes.
	@$(STEP) 'bench-gateway' scripts/with-env python3 -B scripts/bench/gateway.py .build/release/gonka $(ARGS)

bench-streams: bench-build  ## 500 streams through a gateway for ten minutes, hostile clients, what is left. ARGS='--streams 50 --minutes 1 --step 8'.
	@$(STEP) 'bench-streams' scripts/with-env python3 -B scripts/bench/streams.py .build/release/gonka $(ARGS)

bench-path:  ## The figures of the request path, three quarters of an hour: bench-gateway, bench-engine, gonka bench's engine, routing, bench-streams.
	@$(MAKE) bench-gateway bench-engine ARGS=
	@$(MAKE) bench ARGS='--only engine'
	@$(MAKE) routing bench-streams ARGS=

# In the debug build, which is there: whether it all runs, and whether anything is lost, reordered or leaked. No figure means anything.
bench-tenth: setup
	@$(STEP) 'build gonka (debug)' $(BUILD_DEBUG) --product gonka
	@$(STEP) 'a tenth of bench-gateway' scripts/with-env python3 -B scripts/bench/gateway.py .build/debug/gonka \
		--quick --connections 32 --without litellm
	@$(STEP) 'a tenth of bench-engine' scripts/with-env python3 -B scripts/bench/engine.py .build/debug/gonka \
		--quick --requests 1 16
	@$(STEP) 'a tenth of bench-streams' scripts/with-env python3 -B scripts/bench/streams.py .build/debug/gonka \
		--streams 50 --loris 100 --minutes 1 --step 64 --p99-factor 20

bench-build: setup
	@$(STEP) 'build gonka (release)' scripts/with-env swift build -c release --explicit-target-dependency-import-check error --product gonka

calibrate: setup  ## Measure honest noise and cheats on the demo model, half an hour; docs/calibration.md. ARGS=--quick: a minute.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'calibrate' scripts/with-env $(GONKA) calibrate smollm2-135m-instruct-f16 $(ARGS)

figures: setup  ## Compute what audits find, cost, and never do to an honest host. ARGS=cheats, honest, cost, settlement or epoch; docs/figures.
	@$(STEP) 'build Figures (release)' scripts/with-env swift build -c release --product Figures
	@$(STEP) 'figures' .build/release/Figures $(ARGS)

epochs: setup  ## Five equal hosts for 30 epochs of 78 s on the real model; docs/figures/epochs.txt. ARGS=3: three epochs.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'epochs' scripts/with-env $(GONKA) devnet --epochs $(or $(ARGS),30)

adversaries: setup  ## Run the tests' adversaries in networks of 100 hosts for 20 epochs. ARGS='--hosts 40 --epochs 5'; docs/figures.
	@$(STEP) 'build Figures (release)' scripts/with-env swift build -c release --product Figures
	@$(STEP) 'adversaries' .build/release/Figures adversaries $(ARGS)

routing: build-tests  ## The router over troubled hosts and over shared beginnings, 10,000 requests in virtual time (CI: 1,000); docs/figures.
	@$(STEP) 'routing' env GONKA_ROUTING_REQUESTS=$(or $(ARGS),10000) $(TEST) --filter RoutingFigureTests

abci: build-tests  ## Drive the ledger through 10,000 sequences of calls that CometBFT may make (CI: 500), and a process with kills between.
	@$(STEP) 'abci: call sequences' env GONKA_ABCI_SEQUENCES=$(or $(ARGS),10000) $(TEST) --filter CallSequenceTests
	@$(STEP) 'abci: a process that is killed' scripts/with-env python3 -B scripts/acceptance/abci.py $(GONKA)

test-live: setup  ## Four validators behind the `cometbft` on the PATH, with load and kills; says so where there is none.
	@$(STEP) 'build gonka ($(CONFIG))' $(BUILD) --product gonka
	@$(STEP) 'test-live' scripts/with-env python3 -B scripts/acceptance/live.py $(GONKA)

ci:  ## What CI runs: lint, tidy, golden, test, replay, short calibration, figures and epochs, a demo, the commands of docs/operations.md, client packages, schemas, a tenth of the request path's benches, separate daemons, ten kills; stops at the first failure.
	@started=$$SECONDS; summary=; \
	for target in $(CI_STEPS); do \
		before=$$SECONDS; arguments=; \
		if [ $$target = demo ]; then arguments=ARGS=--once; fi; \
		if [ $$target = calibrate ]; then arguments=ARGS=--quick; fi; \
		if [ $$target = epochs ]; then arguments=ARGS=3; fi; \
		if [ $$target = structured ]; then arguments=ARGS='--schemas 40'; fi; \
		if [ $$target = figures ]; then arguments=ARGS='honest --host-epochs 1000000'; fi; \
		$(MAKE) $$target $${arguments:+"$$arguments"} || { echo "==> ci: $$target failed after $$((SECONDS - before)) s" >&2; exit 1; }; \
		summary+="    $$target $$((SECONDS - before)) s"$$'\n'; \
	done; \
	printf '==> ci took %d s\n%s' $$((SECONDS - started)) "$$summary" >&2
