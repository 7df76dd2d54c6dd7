# The two commands of the README are `make demo` and `make test`; each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK := .venv-spark
NODE := build/node
RECORDINGS := build/recordings
OF_AZURE := providers/cloudscan_azure/standin
PYTEST_WORKERS ?= auto

.PHONY: demo test lint types imports docs docs-check unit test-spark example bench corpus image new-check clean

demo: $(READY) $(NODE)/.azurite  ## scan a small call centre on emulators in this process
	$(RUN)/cloudscan demo

test: lint types imports docs-check unit example  ## everything that CI runs

lint: $(READY)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

types: $(READY)
	$(RUN)/mypy

imports: $(READY)
	$(RUN)/lint-imports --no-cache

docs: $(READY) $(NODE)/.azurite  ## write the pages that are generated
	$(RUN)/python docs/build.py

docs-check: $(READY) $(NODE)/.azurite
	$(RUN)/python docs/build.py --check

unit: $(READY) $(NODE)/.ready $(RECORDINGS)/.ready
	$(RUN)/pytest -q -rs -n $(PYTEST_WORKERS)

test-spark: $(SPARK)/.ready  ## the same SQL on Spark and on DuckDB; needs Java 17, and 1 GB for an environment of its own
	$(SPARK)/bin/pytest -q -rs tests/test_engines.py

example: $(READY)  ## install the third-party pack of examples/ into an environment of its own and run it
	$(RUN)/python examples/run.py

bench: $(READY)  ## measure, and write docs/benchmarks.md
	$(RUN)/python bench/run.py

corpus: $(READY)  ## make the recordings that recognition is measured on, by what tools there are
	$(RUN)/python fixtures/build_corpus.py

image:  ## build the container image
	docker build -t cloudscan:local .

new-check: $(READY)  ## make new-check NAME=problem-as-a-noun-phrase
	$(RUN)/python checks/new_check.py $(NAME)

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cloudscan needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(RUN)/pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(RUN)/pip install --quiet --disable-pip-version-check --editable ".[aws,demo]" --group dev
	touch $@

$(SPARK)/.ready: pyproject.toml
	$(PYTHON) -m venv $(SPARK)
	$(SPARK)/bin/pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(SPARK)/bin/pip install --quiet --disable-pip-version-check --editable ".[aws,demo,spark]" --group dev
	touch $@

# Azurite, 366 MB; without npm, or where it fails, the demo goes on without Azure, and what is tested on it is skipped.
$(NODE)/.azurite: $(OF_AZURE)/package.json
	mkdir -p $(NODE)
	cp $< $(NODE)
	if npm install --prefix $(NODE) --omit=dev --no-audit --no-fund --loglevel=error; then touch $@; \
	else echo "npm did not install Azurite: the demo goes on without Azure, and the tests on it are skipped"; fi

# Azure's libraries for JavaScript, 20 MB more, which only tests ask.
$(NODE)/.ready: $(NODE)/.azurite
	if npm install --prefix $(NODE) --no-audit --no-fund --loglevel=error; then touch $@; \
	else echo "npm did not install what the tests on Azure ask: they are skipped"; fi

# What Azure Resource Manager answered to the authors of older libraries: 9 MB; where it fails, likewise.
$(RECORDINGS)/.ready: $(OF_AZURE)/recordings.txt $(READY)
	mkdir -p $(RECORDINGS)
	if $(RUN)/pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
	  --dest $(RECORDINGS) --requirement $<; then touch $@; \
	else echo "the recordings of Azure were not fetched: the tests on them are skipped"; fi

clean:
	rm -rf $(VENV) $(SPARK) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
