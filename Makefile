# Hearth. `make help` lists the targets; BUILD=release|debug|asan|tsan|cov|fuzz; V=1 shows commands.
BUILD      ?= release
NETWORK    ?= devnet
FIXTURES   ?= ../shared/fixtures
PREFIX     ?= /usr/local
PKG_CONFIG ?= pkg-config
O          := build/$(BUILD)
Q          := $(if $(V),,@)
PKGS       := libwebsockets libcurl sqlite3 libsodium libsecp256k1 jansson libssl libcrypto zlib gmp
TEST_PKGS  := yaml-0.1
VERSION    := 0.1.0
# On all processors, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS  := -j$(shell nproc) $(MAKEFLAGS)
endif
COMMIT     := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

# --- flags -------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
        -Wmissing-prototypes -Wvla -Wswitch-enum -Wformat=2 -Wundef
SAN_asan     := -fsanitize=address,undefined -fno-sanitize-recover=all
SAN_tsan     := -fsanitize=thread
SAN_fuzz     := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
MODE_release := -O2 -g -D_FORTIFY_SOURCE=2
MODE_debug   := -O0 -g3
MODE_asan    := -O1 -g -Werror -fno-omit-frame-pointer $(SAN_asan)
MODE_tsan    := -O1 -g -Werror $(SAN_tsan)
MODE_cov     := -O0 -g --coverage
MODE_fuzz    := -O1 -g -fno-omit-frame-pointer $(SAN_fuzz)
ifeq ($(origin CC),default)
CC := $(if $(filter fuzz,$(BUILD)),clang,gcc)
endif
BLST  := node/node_modules/c-kzg/deps/blst
CKZG  := node/node_modules/c-kzg/deps/c-kzg
INC   := -I. -I$(O) -isystem $(BLST)/bindings -isystem $(CKZG)
# Evaluated when a command runs, after the packages are there.
PKG_CFLAGS = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags $(PKGS)))
PKG_LIBS   = $(shell $(PKG_CONFIG) --libs $(PKGS)) -lunistring -lpthread
CFLAGS  ?=
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE $(INC) $(WARN) $(MODE_$(BUILD)) $(EXTRA_CFLAGS) $(CFLAGS) \
             -fstack-protector-strong -fPIE -MMD -MP $(PKG_CFLAGS)
ALL_LDFLAGS = $(filter -fsanitize% --coverage,$(MODE_$(BUILD))) -pie -Wl,-z,relro,-z,now $(LDFLAGS)

# --- sources -----------------------------------------------------------------------------------
SRC  := $(sort $(wildcard node/base/*.c node/crypto/*.c node/codec/*.c node/nostr/*.c node/loop/*.c node/store/*.c \
        node/net/*.c node/evm/*.c node/l1/*.c node/l1/consensus/*.c node/l1/execution/*.c node/p2p/*.c node/signer/*.c node/api/*.c node/app/*.c \
        identity/*.c identity/*/*.c social/*.c social/*/*.c governance/*.c governance/*/*.c))
LIB  := $(filter-out $(O)/node/app/main.o,$(SRC:%.c=$(O)/%.o)) $(O)/deps/blst.o $(O)/deps/blst_asm.o \
        $(O)/deps/ckzg.o $(O)/web-ui/assets_gen.o $(O)/governance/contracts_gen.o
TEST := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/unit/test_*.c)))
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
UI_SRC := $(shell find web-ui/src web-ui/public web-ui/index.html web-ui/*.json web-ui/*.ts -type f 2>/dev/null)

all: $(O)/hearth ## build the program (build/$(BUILD)/hearth)

# --- packages and generated files --------------------------------------------------------------
# `deps`, `run` and `test` install what is missing; other targets only say what is missing.
INSTALLS := $(if $(filter deps run test fuzz,$(MAKECMDGOALS)),install,check)
deps: build/.deps ## install missing Debian and npm packages, after printing what and why
build/.deps: .ci/deps node/package-lock.json tests/package-lock.json web-ui/package-lock.json governance/package-lock.json
	$(Q).ci/deps $(INSTALLS)
	$(Q)mkdir -p build && touch $@
node/package-lock.json tests/package-lock.json web-ui/package-lock.json governance/package-lock.json:

web-ui/dist/index.html: $(UI_SRC) | build/.deps
	@echo "  UI    $(@D)"
	$(Q).ci/ui
ui: web-ui/dist/index.html ## build the web UI
$(O)/web-ui/assets_gen.S: web-ui/dist/index.html web-ui/embed.sh
	@mkdir -p $(@D); echo "  GEN   $@"
	$(Q)web-ui/embed.sh web-ui/dist $(@D)
$(O)/web-ui/assets_gen.o: $(O)/web-ui/assets_gen.S
	$(Q)$(CC) -c -o $@ $<
build/governance/contracts_gen.c: $(wildcard governance/contracts/*) governance/package-lock.json | build/.deps
	@echo "  SOLC  $@"
	$(Q)node governance/contracts/compile.mjs $@
$(O)/governance/contracts_gen.o: build/governance/contracts_gen.c governance/contracts.h governance/governor/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(O)/build_info.h: FORCE
	@mkdir -p $(@D); printf '#define HT_VERSION "%s"\n#define HT_COMMIT "%s"\n' $(VERSION) $(COMMIT) > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# --- the program -------------------------------------------------------------------------------
$(O)/hearth: $(O)/node/app/main.o $(O)/libhearth.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)
$(O)/libhearth.a: $(LIB)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(O)/%.o: %.c Makefile | build/.deps
	@mkdir -p $(@D); echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(O)/node/app/version.o: $(O)/build_info.h
$(O)/deps/blst.o: Makefile | build/.deps
	@mkdir -p $(@D); echo "  CC    blst"
	$(Q)$(CC) -O2 -fPIE -w -D__BLST_PORTABLE__ -c -o $@ $(BLST)/src/server.c
$(O)/deps/blst_asm.o: Makefile | build/.deps
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -fPIE -D__BLST_PORTABLE__ -c -o $@ $(BLST)/build/assembly.S
$(O)/deps/ckzg.o: Makefile | build/.deps
	@mkdir -p $(@D); echo "  CC    c-kzg"
	$(Q)$(CC) -O2 -fPIE -w -I$(BLST)/bindings -I$(CKZG) -c -o $@ $(CKZG)/ckzg.c

# --- tests -------------------------------------------------------------------------------------
TEST_HELP := $(patsubst %.c,$(O)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
$(O)/tests/unit/libhelp.a: $(TEST_HELP)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(O)/tests/unit/libhelp.a $(O)/libhearth.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka -lgmp
check: $(TEST) ## unit tests, under a minute
	$(Q)FIXTURES=$(FIXTURES) .ci/check $(TEST)
VEC := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tests/vectors/*.c)))
$(O)/tests/vectors/vectors: $(VEC) $(O)/libhearth.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(shell $(PKG_CONFIG) --libs $(TEST_PKGS)) -lsnappy
vectors: $(O)/tests/vectors/vectors $(O)/hearth ## public test vectors: FIXTURES=DIR [SUITE=name]
	$(Q)BUILD=$(BUILD) $< $(FIXTURES) $(SUITE)
$(O)/tests/bench/bench: $(patsubst %.c,$(O)/%.o,$(sort $(wildcard tests/bench/*.c))) $(O)/tests/unit/libhelp.a $(O)/libhearth.a
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka
bench: $(O)/tests/bench/bench $(O)/hearth ## speed as ratios, one JSON object a line: [BENCH=group]
	$(Q)FIXTURES=$(FIXTURES) HEARTH=$(O)/hearth $< $(BENCH)
soak: $(O)/hearth ## the simulator at length: [SEEDS="1 2 3"], charts in build/plots
	$(Q)HEARTH=$(O)/hearth .ci/soak $(or $(SEEDS),1 2 3)
test: all $(TEST) $(O)/tests/vectors/vectors ## everything: units, vectors, devnet end to end, browser
	$(Q)FIXTURES=$(FIXTURES) BUILD=$(BUILD) .ci/test
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(O)/libhearth.a
	$(Q)$(CC) $(subst fuzzer-no-link,fuzzer,$(ALL_LDFLAGS)) -o $@ $^ $(PKG_LIBS)
fuzz: ## fuzz every decoder: [FUZZ=name] [SECONDS=60]
	$(Q)$(if $(filter fuzz,$(BUILD)),,+$(MAKE) --no-print-directory BUILD=fuzz INSTALLS=install fuzz-run)
fuzz-run: $(patsubst %,$(O)/tests/fuzz/fuzz_%,$(FUZZ))
	$(Q)FIXTURES=$(FIXTURES) .ci/fuzz $(or $(SECONDS),60) $^
lint: ## layers, limits, banned calls, format
	$(Q).ci/lint

# --- running and installing --------------------------------------------------------------------
run: all ## start Hearth and print the UI's address: [NETWORK=devnet|mainnet|sepolia|hoodi]
ifeq ($(NETWORK),devnet)
	$(Q)exec node tests/devnet/run.mjs --hearth $(O)/hearth
else
	$(Q)exec $(O)/hearth run --network $(NETWORK)
endif
install: all ## copy the program and its manual to PREFIX
	install -D -m 755 $(O)/hearth $(DESTDIR)$(PREFIX)/bin/hearth
	install -D -m 644 node/app/hearth.1 $(DESTDIR)$(PREFIX)/share/man/man1/hearth.1
clean: ## remove what was built
	rm -rf build web-ui/dist
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12
FORCE:
.PHONY: all deps ui check vectors bench soak test fuzz fuzz-run lint run install clean help FORCE
.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(O) -name '*.d' 2>/dev/null)
