PYTHON ?= python3
RECORDS ?= $(wildcard ../shared/bench/dev/*.jsonl.gz)

.PHONY: check format lint types layers rules test docs eval stats bench reference fixture wheel

check: lint types layers rules test wheel  ## what CI runs

format:
	ruff format stripper tests benchmarks
	ruff check --fix stripper tests benchmarks

lint:
	ruff format --check stripper tests benchmarks
	ruff check stripper tests benchmarks

types:
	mypy

layers:
	lint-imports

rules:
	stripper rules check rules/

test:
	$(PYTHON) -m pytest

docs:  ## write what is generated: docs/rules.md, the tables of docs/rule-format.md, schema/rule-file.json
	stripper rules docs .

eval:  ## score the shipped rules on our own sample and on labelled records (RECORDS="a.jsonl.gz b.jsonl.gz")
	stripper eval tests/sample/records.jsonl --floors tests/sample/floors.json
	stripper eval $(RECORDS) --page eval.html --floors tests/floors.json

stats:  ## count what every rule does on labelled records, and set its status by that
	stripper rules stats $(RECORDS) --quick --summary tests/rule_stats.json --write-status rules/
	stripper rules docs .

bench:  ## time against JSON and other cleaners, in one process; writes docs/performance.md
	$(PYTHON) benchmarks/bench.py $(RECORDS) --page docs/performance.md --json benchmarks/bench.json

reference:  ## compare the fast path with the reference path on all labelled records; takes hours
	REFERENCE_EVERY=1 $(PYTHON) -m pytest -q tests/test_reference.py

fixture:  ## SRC=file SLUG=name: a text and what is removed from it today, to be corrected by hand
	$(PYTHON) tests/make_fixture.py $(SRC) $(SLUG)

wheel:  ## build the wheel, install it away from the source tree, strip the sample articles with it
	$(PYTHON) tests/try_wheel.py
