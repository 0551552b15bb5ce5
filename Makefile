# Thin lines over cargo; each prints what it does.
.PHONY: demo test bench check pictures help
help:
	@echo "make demo     the whole job with generated people (PEOPLE=1000)"
	@echo "make test     install what the tests need where that is possible, then run all of them"
	@echo "make bench    measure, and print a table of ratios"
	@echo "make pictures take the documents' pictures of the pages anew (needs Chromium)"
	@echo "make check    formatting, lints, which crate may use which"

PEOPLE ?= 1000

demo:
	cargo run --release -- demo --people $(PEOPLE)

# Every page is held against axe-core's rules, which test-needs.sh fetches: without them the tests fail.
AXE = $(CURDIR)/target/axe-core/axe.min.js
test:
	sh packaging/test-needs.sh $(AXE)
	AXE_CORE=$(AXE) cargo test --workspace

bench:
	cargo build --release -p passpost
	cargo run --release -p bench --

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	sh packaging/check-crates.sh

# The browser test takes a picture of every page; the documents keep those they show.
PICTURES = $(CURDIR)/target/pictures
pictures:
	sh packaging/test-needs.sh $(AXE)
	AXE_CORE=$(AXE) PASSPOST_PICTURES=$(PICTURES) cargo test -p passpost --test browser
	for picture in docs/pictures/*.png; do cp $(PICTURES)/$${picture##*/} docs/pictures/; done
