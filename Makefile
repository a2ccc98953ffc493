# datastore, a SQLite loadable extension. `make help` lists the targets.
# No list of files is kept here: a new .c, test or .sql file is found by itself.

VERSION := 0.1.0

# ---- What the caller may set ------------------------------------------------------------
# CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR, and:
#   WERROR=1   warnings are errors (`make check` and CI say so, packagers need not)
#   VARIANT    release, asan, tsan, debug, cover or libfuzzer: the same build in another folder
#   V=1        show the commands

CFLAGS  ?= -O2 -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
INCDIR  ?= $(PREFIX)/include
VARIANT ?= release

# ---- Variants ---------------------------------------------------------------------------
# $(B)/so holds the objects of the loadable extension, $(B)/core those compiled with
# SQLITE_CORE, which call SQLite directly: the static library and the unit tests.

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_asan  := -O1 -g -U_FORTIFY_SOURCE -fno-omit-frame-pointer $(SANITIZE)
FLAGS_tsan  := -O1 -g -U_FORTIFY_SOURCE -fno-omit-frame-pointer -fsanitize=thread
FLAGS_debug := -O1 -g -U_FORTIFY_SOURCE
FLAGS_cover := -O0 -g -U_FORTIFY_SOURCE --coverage
FLAGS_libfuzzer := $(FLAGS_asan) -fsanitize=fuzzer-no-link
LINK_asan   := $(SANITIZE)
LINK_tsan   := -fsanitize=thread
LINK_cover  := --coverage
LINK_libfuzzer := -fsanitize=fuzzer

ifeq ($(filter $(VARIANT),release asan tsan debug cover libfuzzer),)
$(error VARIANT is release, asan, tsan, debug, cover or libfuzzer, not "$(VARIANT)")
endif
B    := build/$(VARIANT)
DIST := $(if $(filter release,$(VARIANT)),dist,$(B)/dist)
GEN  := build/gen

# ---- Flags ------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wwrite-strings \
  -Wcast-qual -Wcast-align -Wpointer-arith -Wundef -Wvla -Wformat=2 -Wdouble-promotion \
  -Wimplicit-fallthrough -Wswitch-enum -Wredundant-decls -Wnested-externs
ifneq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),)
WARN += -Wcomma -Wunreachable-code
else
WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wjump-misses-init
# The sanitizers' own branches look like null dereferences to gcc.
WARN += $(if $(filter asan,$(VARIANT)),,-Wnull-dereference)
endif

# $(call pkg,--cflags or --libs,packages,what to say where pkg-config does not know)
pkg = $(or $(shell pkg-config $(1) $(2) 2>/dev/null),$(3))
CURL_CFLAGS := $(call pkg,--cflags,sqlite3 libcurl)
LIBS        := $(call pkg,--libs,libcurl libcjson libcrypto,-lcurl -lcjson -lcrypto) \
  $(call pkg,--libs,libwslay,-lwslay)
SQLITE_LIBS := $(call pkg,--libs,sqlite3,-lsqlite3)

COMPILE = $(CC) -std=c11 $(WARN) $(if $(WERROR),-Werror) -fno-common -fPIC \
  -fvisibility=hidden -Iext -I$(GEN) -DDATASTORE_VERSION=\"$(VERSION)\" $(CURL_CFLAGS) \
  $(CPPFLAGS) $(CFLAGS) $(FLAGS_$(VARIANT))
LINK = $(CC) $(CFLAGS) $(FLAGS_$(VARIANT)) $(LDFLAGS) $(LINK_$(VARIANT)) -Wl,--as-needed
# The soname lets the dynamic loader's cache know the file as datastore.so: see `install`.
# Sanitizers leave their runtime to the host program, so -z defs cannot hold there.
LINK_SO = $(LINK) -shared -Wl,-soname,datastore.so -Wl,-z,relro,-z,now \
  $(if $(filter asan,$(VARIANT)),,-Wl,-z,defs)

# Each step is shown as one line, or as its command with V=1.
Q := $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1) $@")

# ---- Files ------------------------------------------------------------------------------

find = $(sort $(shell find $(1) -name '$(2)' 2>/dev/null))
SOURCES := $(call find,ext,*.c)
SQL     := $(call find,sql,*.sql)
OBJECTS := $(SOURCES:%.c=%.o) gen/sql_gen.o
UNITS   := $(patsubst tests/%.c,$(B)/%,$(call find,tests/unit,*_test.c))
E2E     := $(patsubst tests/%.c,$(B)/%,$(call find,tests/e2e,*_test.c))
FUZZERS := $(patsubst tests/%.c,$(B)/%,$(call find,tests/fuzz,*_fuzz.c))
CTESTS  := $(patsubst tests/%.c,$(B)/%,$(call find,tests/c,*.c))
FAULTS  := $(patsubst tests/%.c,$(B)/%,$(call find,tests/fault,*_test.c))
FAULT_KIT := $(filter-out %_test.c,$(call find,tests/fault,*.c))
BENCH   := $(call find,tests/bench,*.c)
DIFF    := $(call find,tests/diff,*.c)
C_FILES := $(call find,ext tests,*.[ch])

# ---- Build ------------------------------------------------------------------------------

.PHONY: all static
all: $(DIST)/datastore.so ## build dist/datastore.so, the loadable extension (default)
static: $(DIST)/libdatastore.a $(DIST)/datastore.h ## build dist/libdatastore.a and dist/datastore.h

$(DIST)/datastore.so: $(addprefix $(B)/so/,$(OBJECTS))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK_SO) -o $@ $^ $(LIBS)

$(DIST)/libdatastore.a: $(addprefix $(B)/core/,$(OBJECTS))
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

$(DIST)/datastore.h: ext/datastore.h.in Makefile
	@mkdir -p $(@D)
	$(call say,GEN)
	@sed -e 's/@VERSION@/$(VERSION)/' \
	    -e 's/@MAJOR@/$(word 1,$(subst ., ,$(VERSION)))/' \
	    -e 's/@MINOR@/$(word 2,$(subst ., ,$(VERSION)))/' \
	    -e 's/@PATCH@/$(word 3,$(subst ., ,$(VERSION)))/' $< >$@

$(B)/so/%.o: %.c $(B)/flags | $(GEN)/sql_gen.h
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(B)/core/%.o: %.c $(B)/flags | $(GEN)/sql_gen.h
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) -DSQLITE_CORE -MMD -MP -c $< -o $@

$(B)/so/gen/%.o: $(GEN)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) -c $< -o $@

$(B)/core/gen/%.o: $(GEN)/%.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(COMPILE) -DSQLITE_CORE -c $< -o $@

$(GEN)/sql_gen.h $(GEN)/sql_gen.c &: sql/embed.awk $(SQL)
	@mkdir -p $(GEN)
	$(call say,GEN)
	$(Q)LC_ALL=C awk -v out=$(GEN) -f sql/embed.awk $(SQL)

# Changes only when the command line does, and then everything is compiled again.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE)' | cmp -s - $@ || echo '$(COMPILE)' >$@

.PHONY: FORCE
FORCE:
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- Test programs (built by the lanes of tests/run.sh) -----------------------------------

.PHONY: units e2e fuzzers ctests faults difftest clang-syntax
units: $(UNITS)
e2e: $(E2E)
fuzzers: $(FUZZERS)
ctests: $(CTESTS)
faults: $(FAULTS)
difftest: $(B)/difftest

# Everything except the entry point, which only the loadable needs.
$(B)/libunit.a: $(addprefix $(B)/core/,$(filter-out ext/datastore.o,$(OBJECTS)))
	@rm -f $@
	$(call say,AR)
	$(Q)$(AR) rcs $@ $^

$(B)/unit/%: $(B)/core/tests/unit/%.o $(B)/libunit.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS) $(SQLITE_LIBS) -lcmocka

$(B)/e2e/%: $(B)/core/tests/e2e/%.o $(B)/libunit.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS) $(SQLITE_LIBS) -lcmocka

# libFuzzer brings a driver of its own.
FUZZ_DRIVER := $(if $(filter libfuzzer,$(VARIANT)),,$(B)/core/tests/fuzz/driver.o)
$(B)/fuzz/%: $(B)/core/tests/fuzz/%.o $(FUZZ_DRIVER) $(B)/libunit.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS) $(SQLITE_LIBS)

$(B)/c/%: $(B)/core/tests/c/%.o
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(SQLITE_LIBS) -lpthread

$(B)/fault/%: $(B)/core/tests/fault/%.o $(FAULT_KIT:%.c=$(B)/core/%.o)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(SQLITE_LIBS) -lpthread

$(B)/difftest: $(DIFF:%.c=$(B)/core/%.o)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(SQLITE_LIBS)

$(B)/bench: $(BENCH:%.c=$(B)/core/%.o)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(SQLITE_LIBS)

# The second compiler's opinion, both ways round.
clang-syntax: $(GEN)/sql_gen.h
	$(Q)printf '%s\n' $(SOURCES) $(GEN)/sql_gen.c | xargs -n 16 -P 4 $(COMPILE) -fsyntax-only
	$(Q)printf '%s\n' $(SOURCES) | xargs -n 16 -P 4 $(COMPILE) -DSQLITE_CORE -fsyntax-only

# ---- Checks -----------------------------------------------------------------------------
# Each first installs what is missing (tests/support/deps.sh) and then starts make again, so
# that the second one sees the new headers and tools.

LANES := build lint unit sql python fuzz-smoke c fault diff backend e2e

.PHONY: check check-all lint asan tsan interop soak valgrind fuzz-smoke libfuzzer cover golden bench demo format deps-%
check: deps-check ## build, lint and every test lane; ends with "N passed, N failed"
	+@WERROR=1 tests/run.sh $(LANES)

check-all: deps-check ## check, and the lanes again under ASan and valgrind
	+@WERROR=1 tests/run.sh $(LANES) sql:asan python:asan c:asan fault:asan diff:asan tsan interop \
	  unit:valgrind sql:valgrind

lint: deps-check ## floors, sizes, banned calls, exported symbols, format, shellcheck …
	+@WERROR=1 tests/run.sh build lint

asan: deps-check ## unit, fuzz, SQL, Python, C, fault and diff lanes under ASan and UBSan
	+@tests/run.sh unit fuzz-smoke sql:asan python:asan c:asan fault:asan diff:asan

tsan: deps-check ## the end-to-end programs under ThreadSanitizer
	+@tests/run.sh tsan

interop: deps-check ## Amplify's own DataStore client beside ours; takes 40 MB from npm
	+@tests/run.sh interop

soak: deps-check ## several clients of both kinds, random edits, a bad network: SOAK_MINUTES=10
	+@$(MAKE) --no-print-directory all
	@tests/support/backend-packages.sh && tests/support/backend-packages.sh interop
	@/usr/bin/python3 tests/interop/soak.py

valgrind: deps-check ## unit and SQL lanes under valgrind
	+@tests/run.sh unit:valgrind sql:valgrind

fuzz-smoke: deps-check ## each fuzz target a few seconds from its corpus
	+@tests/run.sh fuzz-smoke

libfuzzer: deps-check ## fuzz targets for clang's libFuzzer, which tests/README.md shows
	+@$(MAKE) --no-print-directory CC=clang VARIANT=libfuzzer fuzzers

cover: deps-check ## line coverage of the unit and SQL lanes; fails below 90 %
	@find build/cover -name '*.gcda' -delete 2>/dev/null || true
	+@tests/run.sh unit:cover sql:cover
	@/usr/bin/python3 tests/support/cover.py --minimum 90 build/cover

golden: deps-check ## rewrite the expected output of the SQL lane and tests/count
	+@GOLDEN=1 WERROR=1 tests/run.sh $(LANES)

bench: deps-demo ## model tables against native tables; ARGS='--wal --phase "point"'
	+@$(MAKE) --no-print-directory all $(B)/bench
	@$(B)/bench $(ARGS)

demo: deps-demo ## build, then run README's example in the stock sqlite3 shell
	+@$(MAKE) --no-print-directory all
	@tests/support/demo.sh

format: ## reformat the C files
	clang-format -i $(C_FILES)

deps-%:
	@CC='$(CC)' tests/support/deps.sh $*

# ---- Install ----------------------------------------------------------------------------
# `.load datastore` asks the dynamic loader for datastore.so. Its cache lists files called
# lib*.so* only, under their soname: hence that file name, and the link the cache points to.

HERE := $(DESTDIR)$(LIBDIR)
REFRESH = $(if $(DESTDIR),,PATH="$$PATH:/usr/sbin:/sbin"; ldconfig 2>/dev/null || true;)

.PHONY: install uninstall
install: all static ## install for `.load datastore` from any folder (PREFIX, DESTDIR)
	@install -d "$(HERE)" "$(DESTDIR)$(INCDIR)"
	@install -m 644 dist/datastore.so "$(HERE)/libdatastore.so.0"
	@ln -sf libdatastore.so.0 "$(HERE)/datastore.so"
	@install -m 644 dist/libdatastore.a "$(HERE)/libdatastore.a"
	@install -m 644 dist/datastore.h "$(DESTDIR)$(INCDIR)/datastore.h"
	@echo "loadable extension  $(HERE)/datastore.so -> libdatastore.so.0"
	@echo "static library      $(HERE)/libdatastore.a"
	@echo "C header            $(DESTDIR)$(INCDIR)/datastore.h"
	@$(REFRESH)$(if $(DESTDIR),:,tests/support/installed.sh "$(LIBDIR)")

uninstall: ## remove what install has put there
	rm -f "$(HERE)/datastore.so" "$(HERE)/libdatastore.so.0" "$(HERE)/libdatastore.a" \
	  "$(DESTDIR)$(INCDIR)/datastore.h"
	@$(REFRESH):

# ---- Other ------------------------------------------------------------------------------

.PHONY: clean help
clean: ## remove build/ and dist/
	rm -rf build dist

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
