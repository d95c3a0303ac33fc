PYTHON ?= python3
RECORDS ?= $(wildcard ../shared/bench/dev/*.jsonl.gz)

.PHONY: check format lint types layers rules test docs eval stats bench fixture wheel

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

bench:  ## time against bare JSON, in one process
	$(PYTHON) benchmarks/bench.py $(RECORDS)

fixture:  ## SRC=file SLUG=name: a text and what is removed from it today, to be corrected by hand
	$(PYTHON) tests/make_fixture.py $(SRC) $(SLUG)

wheel:  ## build the wheel, install it away from the source tree, strip the sample articles with it
	$(PYTHON) tests/try_wheel.py
