# weft.  `make help` lists the targets.
#
# Everything is built under $(B): build/, or build/<variant> for
#   SAN=address,undefined   SAN=thread   SAN=thread-rt   TRACE=0   ARCH=aarch64   DEBUG=1

CC ?= gcc
ifeq ($(origin CC),default)
CC = gcc
endif
comma := ,
prefix ?= /usr/local
B := build$(if $(SAN)$(TRACE)$(ARCH)$(DEBUG),/$(subst $(comma),+,$(SAN))$(if $(filter 0,$(TRACE)),notrace)$(ARCH)$(if $(DEBUG),debug))

HASH := 0x$(shell cat rt/events.def rt/waits.def rt/trace.h | sha256sum | cut -c1-16)
WARN := -Wall -Wextra -Werror -Werror=switch
BASE := -std=gnu11 -O$(if $(DEBUG)$(SAN),1,2) -g -fno-omit-frame-pointer $(WARN) -MMD -MP -DWEFT_EVENTS_HASH=$(HASH)
# Functions at the beginning of cache lines: else what one takes depends, by some percent, on the sizes of others.
RTFLAGS := -fPIC -fvisibility=hidden -ftls-model=initial-exec -falign-functions=64 -iquote rt
ifneq ($(ARCH),aarch64)
RTFLAGS += -mno-red-zone # a switch pushes: see rt/arch/switch.h
endif
LINK := -pthread

ifeq ($(ARCH),aarch64)
CC := aarch64-linux-gnu-gcc
RUN := qemu-aarch64 -L /usr/aarch64-linux-gnu
endif
ifneq ($(DEBUG),)
BASE += -DWEFT_DEBUG_BUILD
endif
ifeq ($(TRACE),0)
BASE += -DWEFT_NO_TRACE
endif
# Two thread-sanitizer builds: `thread` finds races in users' code (the runtime is not
# instrumented and declares its edges), `thread-rt` the runtime's own.
ifeq ($(SAN),thread)
CC := clang
BASE += -DWEFT_TSAN=1
USERFLAGS := -fsanitize=thread
LINK += -fsanitize=thread
else ifeq ($(SAN),thread-rt)
CC := clang
BASE += -DWEFT_TSAN=2 -fsanitize=thread
LINK += -fsanitize=thread
else ifneq ($(SAN),)
BASE += -fsanitize=$(SAN)
LINK += -fsanitize=$(SAN)
endif

probes_c := rt/provider.c rt/packed.c rt/packed_clock.c rt/ring.c
rt_c := $(filter-out $(probes_c) rt/fds.c,$(wildcard rt/*.c rt/arch/*.c))
rt_S := $(wildcard rt/arch/*.S)
rt_o := $(rt_c:%.c=$(B)/%.o) $(rt_S:%.S=$(B)/%.o)
tool_c := $(wildcard tracer/*.c viz/*.c)
tool_o := $(tool_c:%.c=$(B)/%.o)
test_c := tests/check.c $(wildcard tests/rt/*.c)
examples := $(patsubst %.c,$(B)/%,$(wildcard examples/*.c examples/*/*.c))
benches := $(patsubst %.c,$(B)/%,$(wildcard benchmarks/bench_*.c))
prog_c := $(wildcard tests/rt/progs/*.c)
progs := $(prog_c:%.c=$(B)/%)
million := $(B)/tests/million/million

tool_pkgs := babeltrace2 sqlite3 lttng-ctl libdw libelf zlib
TOOLFLAGS = -iquote rt -iquote tracer -iquote viz -iquote $(B) $(shell pkg-config --cflags $(tool_pkgs) 2>/dev/null)
TOOLLIBS = $(shell pkg-config --libs $(tool_pkgs) 2>/dev/null) -lm -pthread

tool: $(B)/weft $(B)/libweft-trace.so $(B)/libweft-fds.so lib ## the weft command
lib: $(B)/libweft.a $(B)/libweft.so $(B)/include/weft.h $(B)/pkgconfig/weft.pc
all: tool examples benches progs ## that, and every program here
examples: $(examples)
benches: $(benches)
progs: $(progs) $(B)/tests/faults/everything build/tests/progs
OBJCOPY := $(if $(filter aarch64,$(ARCH)),aarch64-linux-gnu-)objcopy

# The runtime's code is in a section of its own: stacks are recorded without it (rt/trace_stack.c).
TEXT = $(OBJCOPY) $(patsubst %,--rename-section .text%=weft_text,.unlikely .hot .startup .exit) \
	--rename-section .text=weft_text $@
$(B)/rt/%.o: rt/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(RTFLAGS) $(CFLAGS) -c $< -o $@
	$(TEXT)
$(B)/rt/%.o: rt/%.S
	@mkdir -p $(@D)
	$(CC) $(BASE) -c $< -o $@
	$(TEXT)
# Never instrumented, see the file.
$(B)/rt/arch/switch.o: RTFLAGS += -fno-sanitize=thread
$(B)/include/weft.h: rt/weft.h # alone: rt/ has headers that hide the system's
	@mkdir -p $(@D)
	cp $< $@
$(B)/libweft.a: $(rt_o)
	@rm -f $@
	$(AR) rcs $@ $^
$(B)/libweft.so: $(rt_o)
	$(CC) -shared -Wl,-soname,libweft.so.0 -Wl,-z,now -o $@ $^ $(LINK)
	ln -sf libweft.so $(B)/libweft.so.0
VERSION = $(shell sed -n 's/.*define WEFT_VERSION "\(.*\)"/\1/p' rt/weft.h)
pc = sed 's|@prefix@|$(1)|; s|@libdir@|$(2)|; s|@rpath@|$(3)|; s|@version@|$(VERSION)|' rt/weft.pc.in
$(B)/pkgconfig/weft.pc: rt/weft.pc.in rt/weft.h # for use without installation
	@mkdir -p $(@D)
	$(call pc,$(CURDIR)/$(B),$${prefix},-Wl$(comma)-rpath$(comma)$${libdir}) > $@
$(tool_o) $(B)/libweft-trace.so: | $(B)/deps.ok
$(B)/deps.ok: .ci/deps
	@.ci/deps missing && mkdir -p $(@D) && touch $@
$(B)/calls.def: Makefile
	@mkdir -p $(@D)
	echo '#include <asm/unistd.h>' | $(CC) -E -dM - | sed -nE 's/^#define __NR_([a-z0-9_]+) .*/CALL(\1)/p' | \
		grep -vE '\((syscalls|arch_specific_syscall)\)' | sort > $@
$(B)/libweft-trace.so: $(probes_c) $(B)/calls.def $(addprefix rt/,provider.h fds.h ring.h packed_form.h packed_clock.h packed_writer.h trace.h map.h weft.h events.def)
	@mkdir -p $(@D)
	$(CC) $(BASE) -fPIC -fvisibility=hidden -ftls-model=initial-exec -iquote rt -iquote $(B) $(CFLAGS) -shared -Wl,-z,now -o $@ $(probes_c) -llttng-ust -llttng-ust-common
$(B)/libweft-fds.so: rt/fds.c rt/fds.h # goes into all programs, and so is never instrumented
	@mkdir -p $(@D)
	$(CC) $(filter-out -fsanitize=%,$(BASE)) -fPIC -fvisibility=hidden -iquote rt $(CFLAGS) -shared -Wl,-z,now -o $@ $<
$(B)/tracer/%.o: tracer/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(TOOLFLAGS) $(CFLAGS) -c $< -o $@
$(B)/viz/%.o: viz/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(TOOLFLAGS) $(CFLAGS) -c $< -o $@
events-hash: # for probes that tests make
	@echo $(HASH)
# What is made of WEFT_EVENTS_HASH.
$(B)/rt/trace.o $(B)/tracer/packed.o $(B)/tracer/packed_read.o $(B)/libweft-trace.so: rt/events.def rt/waits.def rt/trace.h
$(B)/tracer/db.o: $(B)/schema.sql.h $(B)/views.sql.h
$(B)/%.sql.h: tracer/%.sql
	@mkdir -p $(@D)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $< > $@
web := $(wildcard viz/web/*)
$(B)/viz/interactive.o: $(web:viz/%=$(B)/%.h)
$(B)/web/%.h: viz/web/%
	@mkdir -p $(@D)
	sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $< > $@
$(B)/weft: $(tool_o)
	$(CC) -o $@ $^ $(LINK) $(TOOLLIBS)
$(examples) $(benches) $(million): $(B)/%: %.c $(B)/libweft.a $(B)/include/weft.h
	@mkdir -p $(@D)
	$(CC) $(BASE) $(USERFLAGS) -I$(B)/include $(CFLAGS) -o $@ $< $(B)/libweft.a $(LINK) -lm
$(B)/tests/rt/progs/overflow_huge_frame.o: override CFLAGS += -fstack-clash-protection
$(B)/tests/%.o: tests/%.c $(B)/include/weft.h
	@mkdir -p $(@D)
	$(CC) $(BASE) $(USERFLAGS) -I$(B)/include $(CFLAGS) -c $< -o $@
$(B)/tests/rt/progs:
	mkdir -p $@
$(B)/tests/rt/progs/%.o: tests/rt/progs/%.c $(B)/include/weft.h | $(B)/tests/rt/progs
	$(CC) $(BASE) $(USERFLAGS) -I$(B)/include -Dmain=main_$* $(CFLAGS) -c $< -o $@
# TESTS=DIR and PROGS=DIR: link the tests and programs of that build, where only the runtime is to be
# another.  These are compiled all the same: what tests differently there, and where users' code is
# instrumented races and what a report makes of it.
TESTS := $(B)
PROGS := $(B)
own := tests/rt/test_panic_objects.c $(if $(filter-out thread-rt,$(SAN)),$(patsubst %,tests/rt/progs/%.c,racy_% deadlock panic_% quit))
users_o = $(patsubst %.c,$(1)/%.o,$(filter-out $(own),$(2))) $(patsubst %.c,$(B)/%.o,$(filter $(own),$(2)))
$(B)/tests/rt/all-progs: $(call users_o,$(PROGS),$(prog_c)) $(B)/libweft.a tests/rt/progs_main.sh | $(B)/tests/rt/progs
	tests/rt/progs_main.sh $(notdir $(progs)) > $@.c
	$(CC) $(BASE) $(USERFLAGS) $(CFLAGS) -o $@ $@.c $(filter %.o %.a,$^) $(LINK) -lm
$(progs): $(B)/tests/rt/all-progs | $(B)/tests/rt/progs
	ln -f $< $@
build/tests/progs: tests/progs.c tests/jobs.h # runs them: for this machine, whatever they are for
	@mkdir -p $(@D)
	gcc -std=gnu11 -O1 -g $(WARN) -o $@ $<
$(B)/tests/check: $(call users_o,$(TESTS),$(test_c)) $(B)/libweft.a
	$(CC) -o $@ $^ $(LINK) -Wl,--wrap=recv
$(B)/tests/race/check: $(patsubst %.c,$(B)/%.o,$(wildcard tests/race/*.c)) $(B)/libweft.a
	$(CC) -o $@ $^ $(LINK)
$(B)/tests/stress/stress: $(patsubst %.c,$(B)/%.o,$(wildcard tests/stress/*.c)) $(B)/libweft.a
	$(CC) -o $@ $^ $(LINK)
wrapped := malloc calloc aligned_alloc mmap mprotect madvise pipe2 pthread_create sigaltstack syscall \
	socket accept4 epoll_create1 epoll_ctl eventfd
$(B)/tests/faults/everything: $(patsubst %,$(B)/tests/faults/%.o,everything inject) $(B)/libweft.a
	$(CC) -o $@ $^ $(LINK) $(wrapped:%=-Wl$(comma)--wrap=%)
viz_pure := $(patsubst %,$(B)/viz/%.o,alike contention contention_layout curve figure flame format latency layout matrix raster steps style sums why words)
build/tests/web/browser: tests/web/browser.c
	@mkdir -p $(@D)
	gcc -std=gnu11 -O1 -g $(WARN) -o $@ $<
$(B)/tests/viz/check: $(wildcard tests/viz/*.c tests/viz/*.h) $(viz_pure) $(patsubst %,$(B)/tracer/%.o,error record utf8)
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(BASE)) $(TOOLFLAGS) $(CFLAGS) -o $@ $(filter %.c %.o,$^) $(LINK) -lm
$(B)/tests/packed/check: tests/packed/packed.c tests/packed/writer.c $(probes_c) $(B)/calls.def tests/viz/unit.c $(patsubst %,$(B)/tracer/%.o,packed packed_files packed_read packed_time error record hash utf8) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(BASE)) $(TOOLFLAGS) $(CFLAGS) -o $@ $(filter tests/%.c %.o %.a,$^) $(LINK)

# The loader with coverage for libFuzzer; what is left out here is in fuzz.c.
fuzzed := $(filter-out tracer/cmd_% $(patsubst %,tracer/%.c,weft guard error queue db),$(wildcard tracer/*.c))
$(B)/tests/fuzz/%.o: %.c $(B)/schema.sql.h $(B)/views.sql.h
	@mkdir -p $(@D)
	clang $(filter-out -O2,$(BASE)) -O1 -fsanitize=fuzzer-no-link,address,undefined $(TOOLFLAGS) -c $< -o $@
$(B)/tests/fuzz/fuzz: $(patsubst %.c,$(B)/tests/fuzz/%.o,$(fuzzed) tests/fuzz/fuzz.c)
	clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(TOOLLIBS)

demo: deps ## record examples/pipeline and draw it: build/demo/report.html
	$(MAKE) tool $(B)/examples/pipeline
	examples/demo.sh $(B)
docs: reference pictures ## refresh what is made in docs/: these two
reference: tool ## refresh the generated docs/events.md and docs/schema.md
	docs/reference.sh $(B) docs
pictures: tool examples ## draw the pictures in docs/ anew, of new recordings
	docs/pictures.sh $(B) docs
answers: tool examples ## ask the questions of docs/sql.md anew, and write the answers into it
	docs/answers.sh $(B) > $(B)/sql.md
	mv $(B)/sql.md docs/sql.md
bench_programs: benches tool
	$(MAKE) TRACE=0 benches
bench: bench_programs ## measure weft beside Go, and what the tracepoints cost
	benchmarks/run.sh $(B)
bench-compare: bench ## the same, and write it down, with the last bench-scale: benchmarks/RESULTS.md
	benchmarks/insn.sh $(B) > $(B)/bench/insn.md
	benchmarks/results.sh $(B) > $(B)/bench/RESULTS.md
	mv $(B)/bench/RESULTS.md benchmarks/RESULTS.md
bench-scale: bench_programs ## how cost grows with goroutines, and with workers: pictures in benchmarks/
	benchmarks/run.sh $(B) scale
	benchmarks/run.sh $(B) crowd
	gnuplot -e "scale='$(B)/bench/scale'; crowd='$(B)/bench/crowd'; out='benchmarks'" \
		-e "cpus=$$(getconf _NPROCESSORS_ONLN)" benchmarks/scale.gp
bench-insn: bench_programs ## count instructions of the fast paths; RECORD=1: anew in insn.txt
	benchmarks/insn.sh $(B) $(if $(RECORD),record)
bench-web: tool build/tests/web/browser ## load time, memory and frames of reports of up to 10 million events: benchmarks/WEB.md
	@benchmarks/web.sh $(B) > $(B)/WEB.md
	mv $(B)/WEB.md benchmarks/WEB.md
	cat benchmarks/WEB.md
bench-sets: $(B)/benchmarks/bench_sets tool ## what recording each set of events costs, for weft record --help
	benchmarks/sets.sh $(B) > $(B)/costs.def
	mv $(B)/costs.def tracer/costs.def
	cat tracer/costs.def
bench-load: $(B)/benchmarks/bench_load tool ## how fast traces are loaded, beside babeltrace2; LONG=1: 100 M events, too: benchmarks/LOADING.md
	LONG=$(LONG) benchmarks/load.sh $(B) > $(B)/LOADING.md
	mv $(B)/LOADING.md benchmarks/LOADING.md
	cat benchmarks/LOADING.md
bench-pictures: $(B)/benchmarks/bench_pictures $(B)/benchmarks/bench_load tool ## what pictures of large runs take: benchmarks/PICTURES.md
	benchmarks/pictures.sh $(B) > $(B)/PICTURES.md
	mv $(B)/PICTURES.md benchmarks/PICTURES.md
	cat benchmarks/PICTURES.md
bench-trace: bench_programs ## what it costs to be recorded, beside Go: benchmarks/TRACING.md
	benchmarks/trace.sh $(B) > $(B)/TRACING.md
	mv $(B)/TRACING.md benchmarks/TRACING.md
	cat benchmarks/TRACING.md
# In /usr and /usr/local programs find the library without being told where, after ldconfig.
install_rpath = $(if $(filter /usr /usr/local,$(prefix)),,-Wl$(comma)-rpath$(comma)$${libdir})
install: tool ## into prefix=/usr/local, below DESTDIR
	install -D -t $(DESTDIR)$(prefix)/bin $(B)/weft
	install -D -m 644 -t $(DESTDIR)$(prefix)/include rt/weft.h
	install -D -m 644 -t $(DESTDIR)$(prefix)/lib $(B)/libweft.a $(B)/libweft.so.0
	ln -sf libweft.so.0 $(DESTDIR)$(prefix)/lib/libweft.so
	install -D -m 644 -t $(DESTDIR)$(prefix)/lib/weft $(B)/libweft-trace.so $(B)/libweft-fds.so
	install -D -m 644 -t $(DESTDIR)$(prefix)/share/weft rt/weft-gdb.py
	$(call pc,$(prefix),$${prefix}/lib,$(install_rpath)) | \
		install -D -m 644 /dev/stdin $(DESTDIR)$(prefix)/lib/pkgconfig/weft.pc
	$(if $(DESTDIR)$(install_rpath),,-ldconfig)
deps: ## install the packages that are missing
	@.ci/deps
check: ## every test
	@.ci/deps check
	$(MAKE) -j$$(getconf _NPROCESSORS_ONLN) all $(B)/tests/check $(B)/tests/viz/check build/tests/web/browser progs
	tests/run.sh $(B)
SECONDS ?= 3600
check-long: all build/tests/web/browser ## every primitive at random, in chaos, for an hour (SECONDS=600: ten minutes); and more
	tests/stress/run.sh $(B) $(SECONDS)
	tests/web/big.sh $(B) 1000000 10000000
	tests/kill/run.sh $(B) 100
	tests/long/recordings.sh $(B)
	tests/fuzz/run.sh $(B) 600
clean: ## remove build/
	rm -rf build
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# Not those of other builds, below build/, which may be under way.
-include $(shell find $(B)/rt $(B)/tracer $(B)/viz $(B)/tests $(B)/examples $(B)/benchmarks -name '*.d' 2>/dev/null)
.PHONY: tool lib all events-hash examples benches progs demo pictures bench bench-compare bench-scale bench-insn bench-sets bench-trace bench-web bench-load bench-pictures bench_programs install deps check check-long docs reference answers clean help
