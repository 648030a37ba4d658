# Pult. One Makefile for everything; `make help` lists what it can do.
# Sources are found by their place: a folder with a main.c is a program of that name, the rest of the folder is an
# archive that the program and the tests link, and tests/unit/X_test.c is the test program build/tests/X_test.

VERSION := 0.1.0
PREFIX ?= /usr/local
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),/etc,$(PREFIX)/etc)
DESTDIR ?=
# A comma-separated list for -fsanitize=: address,undefined or thread. Each variant has a build directory of its own.
SAN ?=
comma := ,
BUILD ?= build$(if $(SAN),/$(subst $(comma),-,$(SAN)))
ifeq ($(origin CC),default)
CC := gcc
endif

PROGRAMS := busd pult console intake
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wvla -Wundef -Werror
ifeq ($(SAN),)
CFLAGS ?= -O2 -g
HARDENING := -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
else
CFLAGS ?= -O1 -g
WARNINGS := -w # instrumented code misleads the compiler's warnings; the ordinary build has judged this code
HARDENING := -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
CPPFLAGS := -D_GNU_SOURCE -DPULT_VERSION='"$(VERSION)"' -I.
COMPILE := $(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) $(CFLAGS) $(HARDENING) -fPIE -ffile-prefix-map=$(CURDIR)=.
LINK := $(CC) $(CFLAGS) $(HARDENING) -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
# --as-needed: a program records only the libraries that it calls.
LIBS := -lzmq -lsqlite3 -lyaml -lyajl -lcsv -lncursesw -lutf8proc -lmicrohttpd -lsystemd -lseccomp -lcrypto -lpcre2-8 -lpthread -lm
TEST_LIBS := -lcmocka -lvterm -lutil
BENCH_LIBS := -lhiredis

# What the sources are.
sources = $(filter-out %/main.c %_test.c,$(wildcard $(1)/*.c))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
FOLDERS := intake console tests/sim busd pult tests/lib tui lib
PRESENT := $(patsubst %/main.c,%,$(wildcard $(addsuffix /main.c,$(PROGRAMS))))
ABSENT := $(filter-out $(PRESENT),$(PROGRAMS))
TEST_SOURCES := $(wildcard tests/unit/*_test.c tests/golden/*_test.c tests/sim/*_test.c)
TESTS := $(patsubst %.c,$(BUILD)/tests/%,$(notdir $(TEST_SOURCES)))
BENCH_SOURCES := $(wildcard tests/bench/*.c)
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(BENCH_SOURCES))
FUZZ_SOURCES := $(wildcard tests/fuzz/*.c)
SIM := $(wildcard tests/sim/main.c)
SOURCES := $(foreach f,$(FOLDERS),$(call sources,$(f))) $(addsuffix /main.c,$(PRESENT)) $(SIM) \
	$(TEST_SOURCES) $(BENCH_SOURCES) $(FUZZ_SOURCES)

# The archive of a folder; lib/ is libpult, since it is what everything shares.
archive = $(BUILD)/lib$(subst lib,pult,$(subst pult,command,$(subst tests/lib,test,$(subst tests/sim,sim,$(1))))).a
ARCHIVES := $(foreach f,$(FOLDERS),$(call archive,$(f)))
group = -Wl,--start-group $(filter %.a,$(1)) -Wl,--end-group

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all programs tests benches syntax run test check passport asan tsan valgrind bare-test torture torture-control operators operators-control strangers strangers-control sim sim-control \
	plant tests-list install docs clean format help FORCE

all: programs ## build build/busd, build/pult, build/console and build/intake
programs: $(addprefix $(BUILD)/,$(PRESENT)) $(BUILD)/share/pult $(BUILD)/etc/pult
	@$(if $(ABSENT),echo "note: not built for want of $(addsuffix /main.c,$(ABSENT))",:)
tests: $(TESTS) $(SIM:tests/sim/main.c=$(BUILD)/tests/sim)
benches: $(BENCHES)

# Archives and objects. The files `compile` and `sources` change only when the command or the list of sources does.
define archive_rule
$(call archive,$(1)): $(call objects,$(call sources,$(1))) $(BUILD)/sources
	@rm -f $$@
	@ar rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach f,$(FOLDERS),$(eval $(call archive_rule,$(f))))

$(BUILD)/obj/%.o: %.c $(BUILD)/compile
	@mkdir -p $(@D)
	@echo "cc    $<"
	@$(COMPILE) -MMD -MP -c -o $@ $<

# A program links its own folder, tui and lib, never another program.
define program_rule
$(BUILD)/$(1): $(BUILD)/obj/$(1)/main.o $(call archive,$(1)) $(call archive,tui) $(call archive,lib)
	@echo "link  $$@"
	@$(LINK) -o $$@ $$(filter %.o,$$^) $$(call group,$$^) $(LIBS)
endef
$(foreach p,$(PRESENT),$(eval $(call program_rule,$(p))))

define test_rule
$(BUILD)/tests/$(notdir $(1:.c=)): $(call objects,$(1)) $(ARCHIVES) | $(BUILD)/share/pult $(BUILD)/etc/pult
	@mkdir -p $$(@D)
	@echo "link  $$@"
	@$(LINK) -o $$@ $$(filter %.o,$$^) $$(call group,$$^) $(TEST_LIBS) $(LIBS)
endef
$(foreach t,$(TEST_SOURCES),$(eval $(call test_rule,$(t))))

$(BUILD)/tests/sim: $(BUILD)/obj/tests/sim/main.o $(ARCHIVES) | $(BUILD)/share/pult $(BUILD)/etc/pult
	@mkdir -p $(@D)
	@echo "link  $@"
	@$(LINK) -o $@ $(filter %.o,$^) $(call group,$^) $(TEST_LIBS) $(LIBS)

# With PLANT=NAME: the simulation with the sources in sim-bugs/NAME in place of the tree's (tests/sim-control).
ifneq ($(PLANT),)
PLANTED := $(patsubst %.c,%.o,$(wildcard $(BUILD)/sim-bugs/$(PLANT)/*/*.c))
$(BUILD)/sim-bugs/%.o: $(BUILD)/sim-bugs/%.c
	@$(COMPILE) -c -o $@ $<
plant: $(PLANTED)
	@$(LINK) -o $(BUILD)/sim-bugs/$(PLANT)/sim $(BUILD)/obj/tests/sim/main.o $^ $(call group,$(ARCHIVES)) $(TEST_LIBS) $(LIBS)
endif

$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(ARCHIVES) | $(BUILD)/share/pult $(BUILD)/etc/pult
	@mkdir -p $(@D)
	@echo "link  $@"
	@$(LINK) -o $@ $(filter %.o,$^) $(call group,$^) $(BENCH_LIBS) $(TEST_LIBS) $(LIBS)

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(ARCHIVES) | $(BUILD)/share/pult $(BUILD)/etc/pult
	@mkdir -p $(@D)
	@echo "link  $@"
	@$(LINK) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(call group,$^) $(LIBS)

# Programs look for their files from their own place on (lib/path.h); these make the build directory look installed.
$(BUILD)/share/pult:
	@mkdir -p $(@D) && ln -sfn $(CURDIR) $@
$(BUILD)/etc/pult:
	@mkdir -p $(@D) && ln -sfn $(CURDIR)/config $@

keep_if_same = mkdir -p $(@D); printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) >$@
$(BUILD)/compile: FORCE
	@$(call keep_if_same,'$(subst ','\'',$(COMPILE) $(LINK))')
$(BUILD)/sources: FORCE
	@$(call keep_if_same,$(SOURCES))

# Every source through the compiler's checks, nothing written: what tools/check asks of the second compiler.
syntax:
	@printf '%s\n' $(SOURCES) | xargs -P 2 -n 4 $(COMPILE) -fsyntax-only

-include $(patsubst %.o,%.d,$(call objects,$(SOURCES)))

# Running and testing. Installing packages comes before the first compilation, hence the second make.
run: ## install what is missing, build, and show the demo in this terminal
	@tools/install-packages build run
	@$(MAKE) --no-print-directory all
	@exec $(BUILD)/pult demo

test: ## install what tests need, build, run all tests; last line: N passed, N failed, N skipped
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all tests
	@PULT_BUILD=$(BUILD) tests/run $(TEST)

check: ## warnings with gcc and clang, format, direction of includes, sizes, scripts
	@tools/install-packages build test check
	@tools/check

asan: ## the tests with address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory SAN=address,undefined test
tsan: ## the tests with the thread sanitizer
	@$(MAKE) --no-print-directory SAN=thread test
valgrind: ## unit tests, and scenarios marked for it, under valgrind
	@tools/install-packages build run test valgrind
	@$(MAKE) --no-print-directory all tests
	@PULT_BUILD=$(BUILD) tests/run --valgrind $(TEST)
bare-test: ## make run and make test in a bare Debian root (root, debootstrap; DIR= keeps the base system)
	@tests/chroot-test $(DIR)

torture: ## kill busd N= times under load: nothing lost, doubled or invented (default 30)
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/torture $(or $(N),30)
torture-control: ## the same with planted bugs, each of which torture must catch
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/torture-control

operators: ## 100 operators' programs for S= seconds (default 600), they and busd killed: no call lost or doubled
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/operators $(or $(S),600)
operators-control: ## the same with planted bugs, each of which it must catch
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/operators-control

strangers: ## 10,000 random keys, forgeries, replays, floods, a dead handler: nobody gets in (2 minutes)
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/strangers --minute
strangers-control: ## the same with planted holes, each of which must be found
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory all
	@PULT_BUILD=$(BUILD) tests/strangers-control

sim: ## SEEDS= simulated worlds with all that can go wrong, in 2 processes (default 1000; SEED= the first)
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory $(BUILD)/tests/sim
	@$(BUILD)/tests/sim --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1000) --jobs 2

sim-control: ## the same with planted bugs, each of which the simulation must find
	@tools/install-packages build run test
	@$(MAKE) --no-print-directory $(BUILD)/tests/sim
	@PULT_BUILD=$(BUILD) tests/sim-control

bench-%: FORCE ## one benchmark of tests/bench: a table, then one JSON line (make bench-bus, bench-json, …)
	@tools/install-packages build run test bench
	@$(MAKE) --no-print-directory all benches
	@set -e; for b in tests/bench/$*.sh tests/bench/$*.py $(BUILD)/bench/$*; do \
	    if [ -x $$b ]; then PULT_BUILD=$(BUILD) exec $$b $(ARGS); fi; done; \
	echo "there is no executable tests/bench/$*.sh, .py or .c; make tests-list names the benchmarks" >&2; exit 1

fuzz-%: FORCE ## libFuzzer on tests/fuzz/NAME.c for N= seconds (default 60), corpus kept in build/fuzz
	@tools/install-packages build test check
	@$(MAKE) --no-print-directory CC=clang SAN=fuzzer-no-link,address,undefined BUILD=build/fuzz build/fuzz/fuzz/$*
	@mkdir -p build/fuzz/corpus/$*
	@build/fuzz/fuzz/$* -max_total_time=$(or $(N),60) -artifact_prefix=build/fuzz/ build/fuzz/corpus/$* $(wildcard tests/fuzz/$*.corpus)

passport: all ## every item of the passport typed into the real screen: item, applicant, test, passed
	@PULT_BUILD=$(BUILD) tests/passport

tests-list: ## the test files and benchmarks that are there
	@PULT_BUILD=$(BUILD) tests/run --list

# Installing.
BINDIR := $(DESTDIR)$(PREFIX)/bin
SBINDIR := $(DESTDIR)$(PREFIX)/sbin
LIBEXECDIR := $(DESTDIR)$(PREFIX)/libexec/pult
SHAREDIR := $(DESTDIR)$(PREFIX)/share/pult
ETCDIR := $(DESTDIR)$(SYSCONFDIR)/pult
SYSTEMDIR := $(DESTDIR)$(PREFIX)/lib
MANDIR := $(DESTDIR)$(PREFIX)/share/man
install: all ## install under DESTDIR= and PREFIX= (default /usr/local); configuration that is there is kept
	install -d $(BINDIR) $(SBINDIR) $(LIBEXECDIR) $(SHAREDIR)/config $(ETCDIR)
	install -m 755 $(BUILD)/pult $(BINDIR)/
	install -m 755 $(BUILD)/busd $(SBINDIR)/
	install -m 755 $(BUILD)/console $(BUILD)/intake $(LIBEXECDIR)/
	cp -R schemas $(SHAREDIR)/
	cp -R config/demo $(SHAREDIR)/config/
	for f in config/*.yaml; do [ -e $(ETCDIR)/$${f##*/} ] || install -m 644 $$f $(ETCDIR)/; done
	[ -e $(ETCDIR)/answers ] || { install -d $(ETCDIR)/answers && install -m 644 config/answers/*.md $(ETCDIR)/answers/; }
	install -d $(MANDIR)/man1 $(MANDIR)/man8
	install -m 644 docs/man/*.1 $(MANDIR)/man1/
	install -m 644 docs/man/*.8 $(MANDIR)/man8/
	install -d $(SYSTEMDIR)/systemd/system $(SYSTEMDIR)/sysusers.d $(SYSTEMDIR)/tmpfiles.d
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' packaging/pult-busd.service >$(SYSTEMDIR)/systemd/system/pult-busd.service
	install -m 644 packaging/sysusers.conf $(SYSTEMDIR)/sysusers.d/pult.conf
	install -m 644 packaging/tmpfiles.conf $(SYSTEMDIR)/tmpfiles.d/pult.conf

docs: all ## write docs/reference and the manual pages anew from the programs' own tables
	@PULT_BUILD=$(BUILD) tools/make-docs

format: ## let clang-format rewrite the sources
	@tools/install-packages check
	@clang-format -i $(wildcard $(addsuffix /*.[ch],$(FOLDERS) tests/unit tests/golden tests/fuzz tests/bench))

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
