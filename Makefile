# cdrlua: build, test, install. Read it from top to bottom.
#
# No configure: the libraries are Debian 12's, found by pkg-config. `make`
# alone builds and never installs anything; the targets that need packages
# (demo, test, lint, asan, fuzz, soak, bench, golden, fmt, deps) install what
# is missing first, and do nothing where nothing is.
#
# Everything that is made lies in $(BUILD): the same rules make the sanitized
# program in build/asan.

VERSION = 0.1.0
PREFIX  = /usr/local
BUILD   = build
SAN     =

# What may be left out, with its library: make WITHOUT="postgres kafka".
WITHOUT  =
OPTIONAL = postgres kafka
LIBS_postgres    = libpq
HEADERS_postgres = libpq-fe.h
DEBIAN_postgres  = libpq-dev
LIBS_kafka       = rdkafka
HEADERS_kafka    = librdkafka/rdkafka.h
DEBIAN_kafka     = librdkafka-dev

WITH := $(filter-out $(WITHOUT),$(OPTIONAL))
$(if $(filter-out $(OPTIONAL),$(WITHOUT)),$(error WITHOUT: only $(OPTIONAL)))

# --- flags ---

# libev's macros look at one object through two types: hence no-strict-aliasing.
WARN    = -Wall -Wextra -Wpedantic
CFLAGS  = -O2 -g
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -fno-strict-aliasing \
             -Isrc -DCDRLUA_VERSION='"$(VERSION)"' \
             $(WITHOUT:%=-DWITHOUT_%) $(SAN)

# Asked for when the first file is compiled, since a target may just have
# installed them, and only once. libev has no .pc file; xxhash and uthash are
# used as headers.
LIBS = lua5.4 libcjson sqlite3 zlib libmaxminddb libcrypto libcurl \
       $(foreach part,$(WITH),$(LIBS_$(part)))
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $$(LIBS) 2>/dev/null))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(shell pkg-config --libs $$(LIBS)))$(PKG_LIBS)
ALL_LIBS   = $(PKG_LIBS) -lev -lm

# --- files ---

LEFT_OUT := $(foreach part,$(WITHOUT),$(wildcard src/action/*$(part)*.c))
SOURCES  := $(sort $(filter-out $(LEFT_OUT),$(wildcard src/*.c src/*/*.c)))
EMBEDDED := $(sort $(wildcard lua/*.lua lua/*/*.lua lua/*/*/*.lua scripts/*.lua))
NATIVE   := $(sort $(wildcard tests/support/native_*.c))
FUZZERS  := $(sort $(wildcard tests/fuzz/*.c))

objects  = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))
OBJECTS := $(call objects,obj,$(SOURCES)) $(BUILD)/obj/embedded.o
NATIVES := $(patsubst tests/support/%.c,$(BUILD)/tests/%.so,$(NATIVE)) \
           $(patsubst %,$(BUILD)/tests/mock_%,$(filter kafka,$(WITH))) \
           $(BUILD)/tests/clock.so $(BUILD)/tests/disk.so \
           $(BUILD)/tests/gate.so

all: $(BUILD)/cdrlua ## build build/cdrlua (the default)

# --- build ---

$(BUILD)/cdrlua: $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

# Objects follow the Makefile too: it holds the flags and the version.
$(BUILD)/obj/%.o: %.c Makefile | $(BUILD)/headers
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/pic/%.o: %.c Makefile | $(BUILD)/headers
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

# The list of sinks is compiled anew when another part is left out.
$(BUILD)/obj/src/action/sink.o $(BUILD)/pic/src/action/sink.o: $(BUILD)/left-out
$(BUILD)/left-out: always
	@mkdir -p $(@D)
	@echo '$(WITHOUT)' | cmp -s - $@ || echo '$(WITHOUT)' > $@
always:

# The library and the built-in scripts, as source inside the binary. The folders
# stand among what it is made of, so that a removed file goes too.
$(BUILD)/embedded.c: src/script/embed.lua $(EMBEDDED) $(sort $(dir $(EMBEDDED))) | $(BUILD)/headers
	@mkdir -p $(@D)
	lua5.4 src/script/embed.lua $(EMBEDDED) > $@.new
	mv $@.new $@

$(BUILD)/obj/embedded.o: $(BUILD)/embedded.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/pic/embedded.o: $(BUILD)/embedded.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fPIC -c -o $@ $<

# One clear line in place of a compiler's hundred when a library is missing.
HEADERS = lua.h cJSON.h ev.h sqlite3.h zlib.h xxhash.h uthash.h maxminddb.h \
          openssl/hmac.h curl/curl.h \
          $(foreach part,$(WITH),$(HEADERS_$(part)))
$(BUILD)/headers: | packages
	@mkdir -p $(@D)
	@printf '#include <%s>\n' $(HEADERS) > $@.c
	@{ $(CC) $(PKG_CFLAGS) -E -o $@.i $@.c && lua5.4 -v > $@.i; } 2> $@.log || { \
	  what=$$(sed -n 's/.*fatal error: //p; s/^[^:]*: [^:]*: \(.*not found\)$$/\1/p' $@.log | head -n 1); \
	  echo "cdrlua: something to build with is missing ($$what): make deps" >&2; exit 1; }
	@rm -f $@.c $@.i $@.log
	@touch $@

# C parts for the specs: native_NAME.so is the layer NAME with what it may
# include and nothing else, so a layer that reaches too far does not even load.
# Lua itself is in the interpreter that loads them.
layer = $(call objects,pic,$(filter $(addprefix src/,$(addsuffix /%,$(1))),$(SOURCES)))
layers_input   = base input
layers_decode  = base decode
layers_action  = base action
layers_state   = base state
layers_script  = base decode action script
layers_process =

.SECONDEXPANSION:
$(BUILD)/tests/native_%.so: $(BUILD)/pic/tests/support/native_%.o \
  $$(call layer,$$(layers_$$*)) $$(if $$(filter script,$$*),$(BUILD)/pic/embedded.o)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -o $@ $^ \
	  $(filter-out -llua5.4,$(ALL_LIBS))

# Preloaded by specs; not sanitized, since they stand before the sanitizer.
$(BUILD)/tests/clock.so $(BUILD)/tests/disk.so $(BUILD)/tests/gate.so: \
  $(BUILD)/tests/%.so: tests/support/%.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS) $(WARN) -fPIC -shared -o $@ $<

# A server for the specs, in a process of its own.
$(BUILD)/tests/mock_%: tests/support/mock_%.c Makefile | $(BUILD)/headers
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -o $@ $< $(ALL_LIBS)

-include $(shell find $(BUILD)/obj $(BUILD)/pic -name '*.d' 2>/dev/null)

# --- packages ---

# What an empty Debian 12 needs for each target; `make deps` installs all.
BUILD_DEPS = gcc libc6-dev make pkg-config lua5.4 liblua5.4-dev libcjson-dev \
             libev-dev libsqlite3-dev zlib1g-dev libxxhash-dev uthash-dev \
             libmaxminddb-dev libssl-dev libcurl4-openssl-dev \
             ca-certificates $(foreach part,$(WITH),$(DEBIAN_$(part)))
TEST_DEPS  = $(BUILD_DEPS) lua-busted gzip chromium openssl python3 \
             python3-h2 sqlite3 postgresql
LINT_DEPS  = $(BUILD_DEPS) lua-check clang clang-format
FUZZ_DEPS  = $(BUILD_DEPS) clang libclang-rt-14-dev
BENCH_DEPS = $(BUILD_DEPS) nodejs lua-cjson time

DEPS_demo   = $(BUILD_DEPS)
DEPS_geodb  = lua5.4
DEPS_test   = $(TEST_DEPS)
DEPS_soak   = $(TEST_DEPS)
DEPS_golden = $(TEST_DEPS)
DEPS_asan   = $(TEST_DEPS)
DEPS_lint   = $(LINT_DEPS)
DEPS_fmt    = $(LINT_DEPS)
DEPS_fuzz   = $(FUZZ_DEPS)
DEPS_bench  = $(BENCH_DEPS)
DEPS_deps   = $(TEST_DEPS) $(LINT_DEPS) $(FUZZ_DEPS) $(BENCH_DEPS)
PACKAGES   := $(sort $(foreach goal,$(MAKECMDGOALS),$(DEPS_$(goal))))

# One run for all goals of the command line, before anything is built; none for
# plain `make`. The lock is for two makes in one folder.
packages:
ifneq ($(PACKAGES),)
	@mkdir -p $(BUILD)
	@flock $(BUILD)/packages.lock sh .ci/packages $(PACKAGES)
endif

deps: packages ## install every Debian package that any target needs

# --- run ---

demo: packages $(BUILD)/cdrlua ## read sample calls, then follow a live folder (under 15 s)
	@sh examples/demo.sh $(BUILD)/cdrlua

# busted by name takes whichever Lua is there; the specs are Lua 5.4. They start
# the program that CDRLUA names. They mostly wait: several run at a time.
BUSTED = env CDRLUA=$(abspath $(BUILD))/cdrlua $(SUITE_ENV) busted \
         --lua=/usr/bin/lua5.4 --cpath=$(BUILD)/tests/?.so \
         -o tests/support/ci.lua
SPECS  = tests
JOBS   = 3

test: packages suite ## run all specs (SPECS=tests/follow_spec.lua for some)

suite: $(BUILD)/cdrlua $(NATIVES)
	@JOBS=$(JOBS) sh tests/support/suite.sh "$(BUSTED)" $(SPECS)

soak: packages $(BUILD)/cdrlua $(NATIVES) ## the same with 200 rotations, 200 kills, an outage of a minute
	@SOAK=1 JOBS=$(JOBS) sh tests/support/suite.sh "$(BUSTED)" $(SPECS)

golden: packages $(BUILD)/cdrlua $(NATIVES) ## write the expected outputs of tests/golden anew; read the diff
	GOLDEN=write $(BUSTED) tests/golden_spec.lua

bench: packages $(BUILD)/cdrlua $(NATIVES) $(BUILD)/bench/latency ## compare with Node and Lua + lua-cjson (BENCH_MB=200, BENCH_RUNS=5)
	lua5.4 tests/bench/run.lua $(BUILD) $(BENCH_MB) $(BENCH_RUNS)

BENCH_MB   = 200
BENCH_RUNS = 5
$(BUILD)/bench/%: tests/bench/%.c Makefile | $(BUILD)/headers
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -o $@ $< $(ALL_LIBS)

# IPFire's lists of addresses (CC BY-SA 4.0) are in Debian's tor-geoipdb. It is
# unpacked, not installed: that would bring tor itself. The program finds the
# database beside itself.
GEODB = $(BUILD)/geo
NAMES = lua/cdr/geo/countries.lua
geodb: packages $(GEODB)/country.mmdb ## make a country database for the script geo (20 s)

$(GEODB)/country.mmdb: $(wildcard src/geodb/*.lua) $(NAMES) $(GEODB)/lists
	lua5.4 src/geodb/country.lua $(NAMES) $(GEODB)/lists/usr/share/tor/geoip \
	  $(GEODB)/lists/usr/share/tor/geoip6 $@.new
	mv $@.new $@

$(GEODB)/lists: | packages
	@mkdir -p $@.new
	sh .ci/download tor-geoipdb $@.new
	mv $@.new $@

# --- check ---

C_FILES := $(sort $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch]))

lint: packages warnings ## layers, lengths, luacheck, clang-format, warnings of gcc and clang
	@lua5.4 tests/lint/layers.lua $(sort $(wildcard src/*.[ch] src/*/*.[ch]))
	@lua5.4 tests/lint/lengths.lua $(C_FILES)
	luacheck -q .
	@clang-format --dry-run -Werror $(C_FILES)

warnings: | packages
	$(MAKE) BUILD=build/gcc CC=gcc CFLAGS='-O2 -Werror' build/gcc/cdrlua
	$(MAKE) BUILD=build/clang CC=clang CFLAGS='-O2 -Werror' build/clang/cdrlua

fmt: packages ## format the C files in place
	clang-format -i $(C_FILES)

# The interpreter that runs the specs is not sanitized, so the runtime is loaded
# before it; leaks are looked for in the program itself. Reports go to files, so
# that none is lost with a process that a spec kills or expects to fail.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all \
           -fno-omit-frame-pointer
REPORT   = $(abspath build/asan/report)
asan: packages ## run all specs under AddressSanitizer and UBSan
	rm -f build/asan/report.*
	$(MAKE) BUILD=build/asan CC=gcc SAN='$(SANITIZE)' CFLAGS='-O1 -g' suite \
	  SUITE_ENV="LD_PRELOAD=$$(gcc -print-file-name=libasan.so) \
	    ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0:log_path=$(REPORT) \
	    UBSAN_OPTIONS=print_stacktrace=1:log_path=$(REPORT) \
	    CDRLUA_ASAN_OPTIONS=detect_leaks=1:verify_asan_link_order=0:log_path=$(REPORT) \
	    CDRLUA_SLOWNESS=5"
	@! cat build/asan/report.* 2>/dev/null || { \
	  echo "cdrlua: a sanitizer has reported the above" >&2; exit 1; }

# Each tests/fuzz/NAME.c is one libFuzzer target over the layers that read what
# strangers write. What it finds lies in build/fuzz.
FUZZ_SECONDS = 30
FUZZED := $(call objects,obj,$(filter src/base/% src/input/% src/decode/%,$(SOURCES)))
fuzz: packages ## feed the readers with random bytes (FUZZ_SECONDS=30 each)
	$(MAKE) BUILD=build/fuzz CC=clang CFLAGS='-O1 -g' \
	  SAN='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' \
	  $(patsubst tests/fuzz/%.c,build/fuzz/fuzz/%,$(FUZZERS))
	@set -e; for name in $(basename $(notdir $(FUZZERS))); do \
	  mkdir -p build/fuzz/corpus/$$name; \
	  echo "== $$name"; \
	  build/fuzz/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
	    -verbosity=0 -artifact_prefix=build/fuzz/$$name- \
	    build/fuzz/corpus/$$name $(wildcard tests/fuzz/seeds); \
	done

$(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZED)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# --- the rest ---

clean: ## remove all that was made
	rm -rf build

install: $(BUILD)/cdrlua ## copy to DESTDIR and PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/cdrlua $(DESTDIR)$(PREFIX)/bin/cdrlua
	@! test -f $(BUILD)/geo/country.mmdb || ( set -x; \
	  install -D -m 644 $(BUILD)/geo/country.mmdb $(DESTDIR)$(PREFIX)/share/cdrlua/country.mmdb )

help: ## print this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | \
	  while IFS='	' read -r target text; do printf '  make %-8s %s\n' "$$target" "$$text"; done

.PHONY: all always packages deps demo geodb test suite soak golden bench lint warnings fmt \
        asan fuzz clean install help
.DELETE_ON_ERROR:
.SECONDARY:
