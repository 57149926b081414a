# Coffer: `make help` says what there is.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Options of a person, each with its default.
PORT     ?= 8080
BOX_PORT ?= 8090
DATA     ?= .coffer
IMPORT   ?=
BENCH    ?=
export PORT BOX_PORT DATA IMPORT

# Functions are built with the same flags for AWS and for this machine, so that
# the compiler's cache serves both and a rebuild gives the same bytes.
FUNCTIONS := $(patsubst functions/%/main.go,%,$(wildcard functions/*/main.go))
FLAGS     := -tags lambda.norpc -trimpath -buildvcs=false -ldflags "-s -w"
BUILD     := CGO_ENABLED=0 GOOS=linux go build $(FLAGS)

CLIENT := functions/web/client
PORTAL := functions/web/static/site/index.html

# jsii, which CDK in Go runs on, wants its own variable to accept this Node.js.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := $(shell node -p 'process.versions.node.split(".")[0]' 2>/dev/null)
export JSII_DEPRECATED := quiet

##@ Use

run: deps local ## Start Coffer and a simulated Box on this machine (PORT, BOX_PORT, DATA, IMPORT=folder)
	exec dist/local/coffer run

demo: deps local ## Back up, change, back up again, restore and compare, then stop (IMPORT=folder)
	exec dist/local/coffer demo

invoke: ## Send an event to a function of the running Coffer (F=schedule E=tick)
	@[ -n "$(F)" ] && [ -n "$(E)" ] || { echo "Name a function and an event: make invoke F=schedule E=tick" >&2; exit 1; }
	@go run ./scripts/local invoke "$(F)" "$(E)"

vault: ## Build dist/vault, which lists, verifies and extracts a backup without the service
	go build -o dist/vault ./scripts/vault

##@ Check

test: deps functions local ## Run every check: lint and all tests
	@$(MAKE) -j2 --output-sync=line go portal

browser: deps local ## Walk through the portal in a browser; screenshots are in functions/web/client/screenshots
	SCREENSHOTS=1 TRACE=1 npm --prefix $(CLIENT) run e2e

lint: deps ## Run the linters and the scanners alone
	scripts/lint/run

chaos: deps local ## Play crashes, faults and random histories at length (SEED=1 N=10: a night)
	scripts/chaos/campaign "$(or $(SEED),1)" "$(or $(N),10)"

bench: deps local ## Measure what the design promises, in 25 minutes (BENCH=quick: in 4; BENCH=million: in hours)
	$(if $(BENCH),,go test -run '^$$' -bench . ./...)
	go build -o dist/bench/bench ./scripts/bench
	dist/bench/bench $(BENCH:%=-%) $(if $(BENCH),backups)

##@ Deploy

synth: deps functions ## Write the CloudFormation templates to cdk.out, offline
	go build -o dist/synth ./infra
	$(CDK) synth --quiet

deploy: named deps functions ## Deploy one region: make deploy REGION=eu-central-1 (REGION=Directory for the global table)
	go build -o dist/synth ./infra
	$(CDK) deploy "Coffer-$(REGION)"

CDK = scripts/npm/node_modules/.bin/cdk --no-notices --no-version-reporting

##@ Other

clean: ## Remove what was built and installed, not the data
	rm -rf dist cdk.out scripts/npm/node_modules functions/web/static/site $(CLIENT)/node_modules

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# What the targets above are made of.

# The two halves of `make test`, which takes both at once: each waits at times,
# for Box's limits, a lease or a page. Lint vets what the tests need not again.
go:
	go test -p 3 -vet=off -timeout 30m ./...

portal: lint
	npm --prefix $(CLIENT) test
	npm --prefix $(CLIENT) run e2e

named:
	@[ -n "$(REGION)" ] || { echo "Name a region: make deploy REGION=eu-central-1" >&2; exit 1; }

deps:
	@scripts/deps $(if $(filter test bench,$(MAKECMDGOALS)),rclone) $(if $(filter test browser,$(MAKECMDGOALS)),'chromium-headless-shell|chromium')

# The portal, as the web function embeds it.
client: $(PORTAL)

$(PORTAL): $(shell git ls-files --cached --others --exclude-standard $(CLIENT) 2>/dev/null) | deps
	@echo "client: building the portal"
	@npm --prefix $(CLIENT) run --silent build

# One go command for all functions takes a second where one for each takes ten.
define bootstraps
	@mkdir -p dist/bin/$(1)
	@$(2) $(BUILD) -o dist/bin/$(1)/ $(FUNCTIONS:%=./functions/%)
	@for f in $(FUNCTIONS); do mkdir -p "dist/$(1)/$$f"; ln -f "dist/bin/$(1)/$$f" "dist/$(1)/$$f/bootstrap"; done
endef

functions: $(if $(filter web,$(FUNCTIONS)),client) # for AWS
	$(call bootstraps,arm64,GOARCH=arm64)

local: client # for this machine
	$(call bootstraps,local)
	@go build -o dist/synth ./infra
	@go build -o dist/s3 ./scripts/local/s3/gateway
	@go build -o dist/local/coffer ./scripts/local

.PHONY: run demo invoke vault test browser lint chaos bench synth deploy clean help named deps client functions local go portal
