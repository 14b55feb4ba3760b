# The two commands of the README, and the gate. Each does its own set-up.

MODEL ?= models/all-MiniLM-L6-v2
PORT ?= 8000

.PHONY: serve test check format

# Builds, fetches the default model once, and serves it.
serve: model
	swift build -c release --product penstock
	.build/release/penstock serve $(MODEL) --port $(PORT)

# The tests run on the release build: it is what ships, and kernels without optimisation are too slow to test.
test: model
	scripts/fetch-smollm2
	swift build -c release --build-tests --quiet
	swift test -c release --skip-build

check:
	scripts/check

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: model
model:
	scripts/fetch-minilm
