# What is typed most often. `make` alone lists it.

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift

bindir = $(DESTDIR)$(PREFIX)/bin
sharedir = $(DESTDIR)$(PREFIX)/share
unitdir = $(DESTDIR)$(PREFIX)/lib/systemd/system
commands = minidns resolve
# lld, because the linker that is the default warns of a function in Foundation that is not used.
release = --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld $(if $(STATIC),-Xswiftc -static-executable) \
    $(archives)
# libstdc++ and libgcc from archives, where the machine has them: to load the libraries took a tenth of the start. The
# linker takes what it finds first, and where the archive lies it would find the library.
archives = $(shell mkdir -p .build/archives && ln -sf "$$(clang -print-file-name=libstdc++.a)" .build/archives) \
    -Xswiftc "-L$(CURDIR)/.build/archives" -Xswiftc -Xclang-linker -Xswiftc -static-libgcc

# What is laid out by the formatter.
source = Sources Tests Package.swift Benchmarks/Sources Benchmarks/Package.swift Fuzz/Fuzzer Fuzz/Targets Fuzz/Package.swift

# These only compute, and keep every processor busy: tests that wait for a clock run without them.
heavy = '^(DNSTests|SpecificationTests|CrossTests)\.'
# These wait in tasks for threads that the tests of servers and commands would hold.
waiting = '^ClientTests\.'

.PHONY: help build run test checkers secondaries lookups smoke unit judges check lint format install clean test-packages
.PHONY: compare compare-selftest validate compare-record compare-packages compare-build
.PHONY: floods soak fuzz bench gate bench-peers bench-build

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## Build both commands for use (release)
	@for command in $(commands); do $(SWIFT) build $(release) --product $$command || exit; done

run: ## Serve the zones in zones/ on port 5353 of 127.0.0.1 and ::1
	@$(SWIFT) build $(release) --product minidns
	@exec "$$($(SWIFT) build $(release) --show-bin-path)/minidns" serve zones

test: test-packages ## Run all tests, installing what they need
	$(SWIFT) build --build-tests --traits CrossTests
	$(SWIFT) test --skip-build --traits CrossTests --filter $(heavy)
	$(SWIFT) test --skip-build --traits CrossTests --filter $(waiting)
	$(SWIFT) test --skip-build --traits CrossTests --skip $(heavy) --skip $(waiting)

checkers: ## Compare `minidns check` with the zone checkers of BIND, Knot, NSD and ldns
	$(SWIFT) build --product minidns
	Tests/Peers/checkers "$$($(SWIFT) build --show-bin-path)/minidns"

secondaries: ## Have NSD, Knot and BIND transfer zones, installing them where they are missing
	$(SWIFT) build --product minidns
	Tests/Peers/secondaries "$$($(SWIFT) build --show-bin-path)/minidns"

floods: ## Flood the release build from loopback, and measure what others notice, and its memory
	@$(SWIFT) build $(release) --product minidns
	Tests/Floods/floods "$$($(SWIFT) build $(release) --show-bin-path)/minidns"

soak_build = $(SWIFT) build --product minidns $(if $(SANITIZE),--configuration release \
    --sanitize $(SANITIZE) --scratch-path .build/$(SANITIZE),$(release))

soak: ## Load the release build for SECONDS=60 while its zones are edited; SANITIZE=thread: and look for races
	@$(soak_build)
	Tests/Floods/soak "$$($(soak_build) --show-bin-path)/minidns" --seconds $(or $(SECONDS),60) $(if $(SANITIZE),--sanitized)

smoke: test-packages ## Install the release build into a temporary directory and ask it
	Tests/smoke

lookups: ## Compare what resolve prints with dig, kdig and drill, where they are installed
	@for command in $(commands); do $(SWIFT) build --product $$command || exit; done
	Tests/Peers/lookups "$$($(SWIFT) build --show-bin-path)/minidns" "$$($(SWIFT) build --show-bin-path)/resolve"

unit: ## As root, boot a small Debian in a container, and run the systemd unit in it
	Tests/Packaging/unit

judges: ## As root, let Zonemaster and DNSViz judge zones served by minidns, NSD and Knot on port 53
	@$(SWIFT) build --product minidns
	Tests/Judges/zonemaster "$$($(SWIFT) build --show-bin-path)/minidns"
	Tests/Judges/zonemaster "$$($(SWIFT) build --show-bin-path)/minidns" --self-test
	Tests/Judges/dnsviz "$$($(SWIFT) build --show-bin-path)/minidns"
	Tests/Judges/dnsviz "$$($(SWIFT) build --show-bin-path)/minidns" --self-test

check: ## All that CI runs: lint, smoke, the gate, then all tests with the cross-check
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory smoke
	@$(MAKE) --no-print-directory gate
	@$(MAKE) --no-print-directory test

fuzz: ## Give each fuzz target SECONDS=60; what fails is printed and kept in Fuzz/.build/found
	Fuzz/run --seconds $(or $(SECONDS),60)

lint: ## Check the layout of the source and its structure
	$(SWIFT) format lint --strict --recursive $(source)
	Tests/Lint/self-test
	Tests/Lint/structure
	Tests/Compare/selftest.py --fits

format: ## Lay the source out as lint wants it
	$(SWIFT) format --in-place --recursive $(source)

install: build ## Install both commands, manuals, unit and completions below PREFIX (/usr/local), inside DESTDIR
	install -d "$(bindir)"
	@for command in $(commands); do \
	    echo "install $(bindir)/$$command"; \
	    install -m 755 -s "$$($(SWIFT) build $(release) --show-bin-path)/$$command" "$(bindir)/$$command" || exit; \
	done
	install -d "$(sharedir)/man/man1"
	install -m 644 docs/man/*.1 "$(sharedir)/man/man1"
	install -d "$(unitdir)"
	sed 's|/usr/local/bin|$(PREFIX)/bin|' packaging/minidns.service > "$(unitdir)/minidns.service"
	@for place in bash:bash-completion/completions/resolve zsh:zsh/site-functions/_resolve \
	    fish:fish/vendor_completions.d/resolve.fish; do \
	    file="$(sharedir)/$${place#*:}"; \
	    echo "install $$file"; \
	    install -d "$$(dirname "$$file")" && \
	    "$(bindir)/resolve" --generate-completion-script "$${place%%:*}" > "$$file" && \
	    chmod 644 "$$file" || exit; \
	done

clean: ## Remove what was built
	rm -rf .build Benchmarks/.build Fuzz/.build

# Valgrind of Debian 12 cannot read the debugging information that the compiler writes.
bench_build = $(SWIFT) build --package-path Benchmarks --configuration release -debug-info-format none
bench_path = "$$($(bench_build) --show-bin-path)"

bench-build:
	@Benchmarks/install-packages
	@$(bench_build)

gate: bench-build ## Count allocations, retains and locks a query, of which there must be none
	@Benchmarks/micro.py gate $(bench_path)/micro Benchmarks/.build/zones

bench: bench-build ## What each kind of question costs: instructions, nanoseconds, allocations
	@Benchmarks/micro.py table $(bench_path)/micro Benchmarks/.build/zones

bench-peers: bench-build build ## Compare with the servers that are installed, in 10 minutes; QUICK=1: in 2
	@Benchmarks/compare.py Benchmarks/.build/peers $(if $(QUICK),--quick) $(if $(SERVERS),--servers $(SERVERS)) \
	    $(if $(CHARTS),--charts $(CHARTS))

# The cross-check links libldns: without it fewer tests would run, and nobody would see that.
test-packages:
	@Tests/install-packages

# The python that Debian's dnspython belongs to.
PYTHON ?= /usr/bin/python3

compare: compare-packages compare-build ## Compare with nsd, knot and bind: questions, zone files, and validation by delv
	$(PYTHON) Tests/Compare/compare.py
	$(PYTHON) Tests/Compare/zonefiles.py
	$(PYTHON) Tests/Compare/validate.py

compare-selftest: compare-packages ## Plant faults, one at a time, and see the comparison find each (20 minutes)
	$(PYTHON) Tests/Compare/selftest.py

validate: compare-packages compare-build ## Have delv validate the answers from signed zones
	$(PYTHON) Tests/Compare/validate.py

compare-record: compare-packages compare-build ## Record anew what Tests/DNSTests/Recorded replays
	rm -rf .build/compare
	$(PYTHON) Tests/Compare/compare.py --keep .build/compare
	$(PYTHON) Tests/Compare/record.py .build/compare

compare-packages:
	@Tests/Compare/install-packages

compare-build:
	@$(SWIFT) build --product minidns
