# `make help` lists the targets. Everything a target needs is set up on first use and remembered, so
# that a second call does no set-up work again.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What npm and the build leave behind says that they are done.
PACKAGES := node_modules/.package-lock.json
BUILD := dist/.built

TOUR := notebooks/00-tour.ipynb
SADDLE := node dist/kernel/main.js
SOURCES := $(shell find $(wildcard lib kernel test bench) -name "*.ts")
ASSETS := $(shell find $(wildcard assets) -type f)
SITE := out/site
# The versions of Node that are maintained, and the oldest that serves.
NODES := $(or $(only),20 22 24 26)
JUPYTER_PREFIX := $(CURDIR)/.setup/jupyter-prefix

.PHONY: help run test test-nodes setup build notebook notebooks acceptance bench check pictures clean vulkan-or-cpu

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build vulkan-or-cpu ## run the tour notebook on real data and write it as a page to look at
	$(SADDLE) run $(TOUR) --out out --html
	@echo "Open $(CURDIR)/out/$(basename $(notdir $(TOUR))).html in a browser."

test: setup build ## set everything up and run the tests
	npx mocha 'dist/test/**/*.test.js'

test-nodes: setup build $(NODES:%=.setup/nodes/%) ## run the kernel's and the library's tests on each Node that serves (only=26: on one)
	@status=0; for node in $(NODES); do \
	  PATH="$(CURDIR)/.setup/nodes/$$node/bin:$$PATH"; echo "On Node $$(node --version):"; \
	  node node_modules/mocha/bin/mocha.js \
	    'dist/test/kernel/**/*.test.js' 'dist/test/lib/**/*.test.js' || status=1; \
	done; exit $$status

setup: ## install npm packages, a Vulkan driver, Jupyter and what the tests need
	@$(MAKE) --keep-going --silent $(PACKAGES) .setup/vulkan .setup/blas .setup/jupyter .setup/test-tools .setup/mpi

build: $(BUILD) ## compile into dist/

notebook: build vulkan-or-cpu .setup/jupyter ## open the tour in Jupyter, with the kernel installed
	$(SADDLE) install --prefix $(JUPYTER_PREFIX)
	JUPYTER_PATH=$(JUPYTER_PREFIX)/share/jupyter jupyter notebook $(TOUR) $(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: build vulkan-or-cpu ## run every notebook and write a site to browse, with the reference
	node scripts/build-api.mjs $(SITE)
	$(SADDLE) site $(sort $(wildcard notebooks/*.ipynb)) --out $(SITE)

acceptance: setup build test-nodes ## run the long tests, and the others on each Node that serves
	npx mocha --timeout 0 'dist/test/**/*.acceptance.js'

bench: build vulkan-or-cpu .setup/peers/.installed ## measure speed; bench/README.md says how, and what only= and save= do
ifeq ($(only),gpu)
	node dist/bench/gpu/gpu.bench.js
else ifeq ($(only),parallel)
	node dist/bench/parallel/ranks.bench.js
else ifeq ($(only),linalg)
	node dist/bench/linalg/linalg.bench.js
else
	$(if $(only),,node dist/bench/kernel/kernels.bench.js)
	node dist/bench/tensor/tensor.bench.js $(if $(save),--save) $(only)
endif

check: build ## check types, lint, format and architecture
	npx eslint .
	npx prettier --check --log-level warn .
	npx mocha --reporter dot dist/test/architecture.test.js

pictures: build vulkan-or-cpu .setup/test-tools ## run notebooks (only=06, or all) and store them with static pictures
	node scripts/store-notebooks.mjs $(sort $(wildcard notebooks/$(only)*.ipynb))

clean: ## remove what was built and the memory of what was set up
	rm -rf dist out .setup

# A machine without an adapter can still compute, on the float64 `cpu` device; only a test insists.
vulkan-or-cpu: $(PACKAGES)
	@[ -f .setup/vulkan ] || { scripts/setup-vulkan.sh && touch .setup/vulkan; } || \
	  echo "Going on with the cpu device: slower, in float64."

$(PACKAGES): package-lock.json scripts/setup-npm.sh
	scripts/setup-npm.sh
	@touch $@

.setup/vulkan: $(PACKAGES) scripts/setup-vulkan.sh scripts/apt.sh
	scripts/setup-vulkan.sh
	@touch $@

# Without one, linear algebra runs in JavaScript; macOS has its own.
.setup/blas: scripts/setup-packages.sh scripts/apt.sh
	[ "$$(uname)" = Darwin ] || scripts/setup-packages.sh "BLAS and LAPACK" libopenblas0-pthread
	@touch $@

.setup/jupyter: scripts/setup-packages.sh scripts/apt.sh
	scripts/setup-packages.sh "Jupyter" jupyter-notebook jupyter-nbconvert
	@touch $@

.setup/test-tools: Makefile scripts/setup-packages.sh scripts/apt.sh
	scripts/setup-packages.sh "The test tools" jupyter-server python3-jupyter-kernel-test \
	  jupyter-nbextension-jupyter-js-widgets chromium fonts-dejavu-core
	@touch $@

.setup/mpi: scripts/setup-packages.sh scripts/apt.sh
	scripts/setup-packages.sh "MPI" openmpi-bin mpich
	@touch $@

.setup/nodes/%: scripts/setup-node.sh
	scripts/setup-node.sh $* $@
	@touch $@

# The libraries that Saddle is measured beside take 300 MB, so they are no dependencies of a clone's.
.setup/peers/.installed: bench/peers/package-lock.json
	@mkdir -p .setup/peers
	@rm -rf out/bench/compiled
	cp bench/peers/package.json bench/peers/package-lock.json .setup/peers
	npm ci --prefix .setup/peers --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILD): $(PACKAGES) tsconfig.json $(SOURCES) $(ASSETS) scripts/prune-dist.mjs scripts/build-assets.mjs
	node scripts/prune-dist.mjs
	node node_modules/typescript/bin/tsc -p .
	node scripts/build-assets.mjs
	@touch $@
