# SPDX-License-Identifier: Apache-2.0

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VERSION ?= 0.1.0
GO ?= go
CC ?= cc
MINGW ?= x86_64-w64-mingw32-gcc
FUZZTIME ?= 20s
export CGO_ENABLED = 1

# The same bytes from any folder: no paths, no version control stamps. What plugin/default.pgo says is often called is
# inlined further; tests do without, else every package would be compiled a second time.
BUILD = $(GO) build -buildmode=c-shared -pgo=auto -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
HOST_SOURCES = $(filter-out test/host/bcryptprimitives.c,$(wildcard test/host/*.c))
HOST_FLAGS = -std=c11 -O2 -g -Wall -Wextra -Werror
PURE = $$($(GO) list ./correlate/... ./plugin/... | grep -v /plugin$$)
# A real Fluent Bit where there is one, else the bundled host.
RUNNER = $(or $(FLUENT_BIT),$(shell command -v fluent-bit),build/host)

vet unit race boundary modules fuzz: export GOFLAGS = -pgo=off

TARGETS = help build host run test vet unit race boundary modules lint fuzz bench profile flood windows windows-tools windows-test e2e clean
.PHONY: $(TARGETS) FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: build/out_webshell.so ## build/out_webshell.so, the plugin

build/out_webshell.so: FORCE
	$(BUILD) -o $@ ./plugin

host: build/host ## build/host, which runs the plugin as Fluent Bit does

build/host: $(HOST_SOURCES) $(wildcard test/host/*.h)
	@mkdir -p build
	$(CC) $(HOST_FLAGS) -D_GNU_SOURCE -o $@ $(HOST_SOURCES) -lpthread -ldl

run: ## builds the plugin and plays the sample story through it
	@echo "building the plugin (a first build takes a minute) ..." >&2
	@$(MAKE) -s build host
	@echo "playing test/data/story in $(RUNNER); detections are the lines of JSON:" >&2
	@$(RUNNER) -c conf/sample.conf

test: vet unit race boundary modules ## everything that runs anywhere

vet: ## go vet, and that this file's help names every target
	@for t in $(TARGETS); do grep -q "^$$t:.*## " Makefile || { echo "Makefile: $$t has no ## comment"; exit 1; }; done
	$(GO) vet ./...
	cd test && $(GO) vet ./...

unit: ## unit tests
	$(GO) test ./...

race: ## unit tests of the pure packages under the race detector
	$(GO) test -race $(PURE)

boundary: build host ## the plugin's C boundary, driven by the bundled host
	cd test && WEBSHELL_HOST=$(CURDIR)/build/host WEBSHELL_SO=$(CURDIR)/build/out_webshell.so $(GO) test -count=1 -v ./boundary

modules: build host ## the rule in SQL, configurations, import rules
	cd test && $(GO) test $$($(GO) list ./... | grep -v /boundary$$)

lint: ## gofmt, vet, and golangci-lint where it is installed
	@test -z "$$(gofmt -l plugin correlate test)" || { gofmt -l plugin correlate test; exit 1; }
	@$(MAKE) vet
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; else echo "golangci-lint is not installed: skipped"; fi

fuzz: ## every fuzz target, each for FUZZTIME
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			GO=$(GO) test/fuzz/one.sh $$package $$target $(FUZZTIME) || exit 1; \
		done; \
	done

bench: build host ## what a record costs, beside the stock decoder
	$(GO) test -pgo=$(CURDIR)/plugin/default.pgo -run '^$$' -bench . -benchmem ./...
	build/host bench build/out_webshell.so
	cd test && FLUENT_BIT=$(FLUENT_BIT) $(GO) run ./bench
	cd test && $(GO) test -run '^$$' -bench . -benchtime 1x ./loop

profile: ## plugin/default.pgo anew, by which the compiler optimises; worth it after changes to the path of a record
	$(GO) test -pgo=off -trimpath -run '^$$' -bench '^BenchmarkFlush$$' -benchtime 4s -o build/source.test -cpuprofile build/source.cpu ./plugin/source
	cd test && $(GO) run ./profile $(CURDIR)/build/source.cpu > $(CURDIR)/plugin/default.pgo

flood: build host ## floods against the bounded memory, in the engine and through the plugin
	cd test && $(GO) run ./flood -plugin $(CURDIR)/build/out_webshell.so -host $(CURDIR)/build/host

windows: windows-tools ## build/out_webshell.dll and build/host.exe, cross-built with mingw-w64
	CC=$(MINGW) GOOS=windows GOARCH=amd64 $(BUILD) -o build/out_webshell.dll ./plugin
	$(MINGW) $(HOST_FLAGS) -static -o build/host.exe $(HOST_SOURCES) -lpthread
	$(MINGW) -O2 -s -shared -o build/bcryptprimitives.dll test/host/bcryptprimitives.c

windows-tools: ## installs the cross compiler and Wine where it may
	@test/host/windows-tools.sh $(MINGW)

windows-test: windows ## the boundary cases, the story and the outputs on Windows' own forms, under Wine
	@test/host/wine.sh build/wine wineboot
	cd test && WEBSHELL_HOST="$(CURDIR)/test/host/wine.sh $(CURDIR)/build/wine $(CURDIR)/build/host.exe" WEBSHELL_SO=$(CURDIR)/build/out_webshell.dll $(GO) test -count=1 -v ./boundary
	cd test && WEBSHELL_HOST="$(CURDIR)/test/host/wine.sh $(CURDIR)/build/wine $(CURDIR)/build/host.exe" WEBSHELL_SO=$(CURDIR)/build/out_webshell.dll $(GO) test -count=1 -v -run Host_ ./loop

e2e: build host ## the story in a real Fluent Bit, with the files of conf/: FLUENT_BIT=path
	cd test && FLUENT_BIT=$(or $(FLUENT_BIT),$(shell command -v fluent-bit)) $(GO) test -count=1 -v ./e2e/... ./conf/... ./loop/...

clean: ## removes build/
	-@test ! -d build/wine || WINEPREFIX=$(CURDIR)/build/wine wineserver -k 2>/dev/null
	rm -rf build
