# The two commands of the README, and the gate. Each does its own set-up.

MODEL ?= models/all-MiniLM-L6-v2
PORT ?= 8000
STATIC = .build/static

# Tests compute on all cores as it is: without a limit all of them run at one time, and those that wait for another
# process or thread wait for the heaviest, too.
TEST_WIDTH = --experimental-maximum-parallelization-width 4

.PHONY: serve test release man image deb check format

# Builds, fetches the default model once, and serves it.
serve: model
	swift build -c release --product penstock
	.build/release/penstock serve $(MODEL) --port $(PORT)

# The tests run on the release build: it is what ships, and kernels without optimisation are too slow to test.
test: model
	scripts/fetch-smollm2
	swift build -c release --build-tests --quiet
	swift test -c release --skip-build $(TEST_WIDTH)

# A binary to carry around: it brings the Swift runtime along and needs no more than what every Debian and Ubuntu has.
# What nobody calls is left out of it, also of libraries in C, as are tables for exceptions (scripts/release.ld), and no
# symbol is there for others.
# It is built in a folder of its own, since all is compiled otherwise than for `make serve`.
release:
	swift build -c release --product penstock --static-swift-stdlib --scratch-path $(STATIC) --quiet \
		-Xcc -ffunction-sections -Xcc -fdata-sections -Xswiftc -Xfrontend -Xswiftc -function-sections \
		-Xswiftc -use-ld=lld -Xlinker -T -Xlinker scripts/release.ld \
		-Xlinker --no-export-dynamic -Xlinker -s
	@echo $(STATIC)/release/penstock

# The pages of the manual, beside the binary to carry around.
man: release
	mkdir -p $(STATIC)/man1
	$(STATIC)/release/penstock manual > $(STATIC)/man1/penstock.1
	for command in $$($(STATIC)/release/penstock manual --list); do \
		$(STATIC)/release/penstock manual $$command > $(STATIC)/man1/penstock-$$command.1 || exit 1; done
	@echo $(STATIC)/man1

# An image for containers (docs/DEPLOYMENT.md) as an OCI archive, and a Debian package, both around that binary.
image: release
	deploy/image/build $(STATIC)/release/penstock .build/penstock-image.tar

deb: release
	deploy/debian/build $(STATIC)/release/penstock .build

check:
	scripts/check

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: model
model:
	scripts/fetch-minilm
