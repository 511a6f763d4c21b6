# SPDX-License-Identifier: MIT
"""Goroutines in gdb, of a live process and of a core file.

    (gdb) source weft-gdb.py
    (gdb) info goroutines        every goroutine: what it does, and where
    (gdb) goroutine 7            look at goroutine 7: bt, frame, up, info locals, print
    (gdb) goroutine 7 bt         the same for one command
    (gdb) goroutine all bt       that for each goroutine in turn
    (gdb) goroutine              back to the thread

A goroutine that runs is looked at by selecting its thread.  For one that does not, an unwinder
pretends that the selected thread's innermost frame, number 0, was called from where the goroutine
will go on: its frames are numbered from 1.  Nothing of the program is changed, so there is nothing
to put back, and a core file will do.  When the program continues, the view is the thread's again.

Needs gdb 11 and libweft's debug information; reads the structures of rt/g.c, rt/g.h, rt/sched.h
and the stacks that rt/arch/ leaves behind.
"""
import os

import gdb
import gdb.frames
import gdb.unwinder

STATES = ["runnable", "running", "running without a worker", "waiting"]


def runtime(what):
    try:
        return gdb.parse_and_eval(what)
    except gdb.error as e:
        raise gdb.GdbError("weft: no goroutines: %s (is this a program with weft that runs, or its "
                           "core file, and has libweft debug information?)" % e)


class Goroutine:
    def __init__(self, g):
        self.g = g
        self.id = int(g["id"])
        self.status = int(g["status"])
        self.site = g["site"]
        self.stack = g["stack"]

    @property
    def label(self):
        name = self.stack["name"].string(errors="replace") if self.stack else ""
        if not name and self.site:
            name = self.site["what"].string(errors="replace")
        return name

    @staticmethod
    def place(site):
        return "%s:%d" % (site["file"].string(errors="replace"), int(site["line"]))

    def title(self):
        return "goroutine %d%s" % (self.id, " (%s)" % self.label if self.label else "")

    def line(self):
        text = self.title() + ": " + STATES[self.status]
        if STATES[self.status] == "waiting":
            phrases = runtime("'rt/g.c'::rt_wait_phrase::phrases")
            text += " in " + phrases[int(self.g["why"])].string()
            if self.g["wait_site"]:
                text += " at " + self.place(self.g["wait_site"])
        if self.site:
            text += ", spawned at " + self.place(self.site)
            if int(self.g["parent"]):
                text += " by goroutine %d" % int(self.g["parent"])
        return text

    def begins_in(self):
        return gdb.execute("info symbol %d" % int(self.g["fn"]), to_string=True).split(" in ")[0]

    def on_its_stack(self, sp):
        return bool(self.stack) and int(self.stack["lo"]) <= sp < int(self.stack)


def goroutines():
    """All that are alive, by number."""
    records = runtime("'rt/g.c'::records")
    found = []
    while records:
        for i in range(int(records["used"])):
            g = records["at"][i]
            if int(g["id"]) != 0:
                found.append(Goroutine(g))
        records = records["next"]
    if any(g.stack and not g.stack["lo"] for g in found):
        raise gdb.GdbError("weft: the stacks are not in this core file; gdb's own lack them from "
                           "Linux 6.13 on, the kernel's have them")
    return sorted(found, key=lambda g: g.id)


def find(number):
    for g in goroutines():
        if g.id == number:
            return g
    raise gdb.GdbError("weft: there is no goroutine %d (see info goroutines)" % number)


def word(at):
    return int(gdb.Value(at).cast(gdb.lookup_type("unsigned long").pointer()).dereference())


def saved_registers(g):
    """Where a goroutine goes on that does not run: what rt_switch has left at its stack pointer.
    Registers that are not named are not known."""
    sp = int(g.g["ctx"]["sp"])
    if not g.on_its_stack(sp):
        raise gdb.GdbError("weft: %s has no stack to show" % g.title())
    arch = gdb.selected_frame().architecture().name()
    entry = int(runtime("(unsigned long)&rt_switch_entry"))
    if arch == "aarch64":
        regs = {"x%d" % (19 + i): word(sp + 8 * i) for i in range(12)}
        regs["pc"] = regs["x30"]
        regs["sp"] = sp + 176
    elif arch.startswith("i386:x86-64"):
        regs = {"rbp": word(sp), "rip": word(sp + 8), "rsp": sp + 16}
    else:
        raise gdb.GdbError("weft: cannot follow stacks on " + arch)
    pc = "pc" if "pc" in regs else "rip"
    if regs[pc] == entry:
        regs[pc] += 1  # the function is looked for at the address before, that of a call
    return regs


class View:
    """What is looked at instead of the selected thread; one, or None."""
    now = None

    def __init__(self, g):
        self.id = g.id
        self.ptid = gdb.selected_thread().ptid
        self.regs = saved_registers(g)

    @classmethod
    def set(cls, view):
        cls.now = view
        shown.enabled = view is not None
        gdb.invalidate_cached_frames()


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class Unwinder(gdb.unwinder.Unwinder):
    def __init__(self):
        super().__init__("weft goroutine")

    def __call__(self, frame):
        view = View.now
        if view is None or frame.level() != 0 or gdb.selected_thread().ptid != view.ptid:
            return None
        values = {name: gdb.Value(value).cast(frame.read_register(name).type)
                  for name, value in view.regs.items()}
        sp = values["sp" if "sp" in values else "rsp"]
        # Below the goroutine's frames, or gdb takes them for a corrupt stack.
        info = frame.create_unwind_info(FrameId(sp - 128, frame.read_register("pc")))
        for name, value in values.items():
            info.add_saved_register(name, value)
        return info


class WithoutThread:
    """A frame filter: the thread's own frame is not the goroutine's."""
    name = "weft goroutine"
    priority = 100
    enabled = False

    def __init__(self):
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        return (f for f in frames if f.inferior_frame().level() != 0)


def of_runtime(frame, home):
    symtab = frame.find_sal().symtab
    if symtab is None:
        return frame.name() is not None and frame.name().startswith("rt_")
    return symtab.fullname().startswith(home)


def select_frame():
    """The innermost frame that is not the runtime's, or the innermost."""
    frame = first = gdb.newest_frame().older() if View.now else gdb.newest_frame()
    home = os.path.dirname(gdb.lookup_global_symbol("weft_run_at").symtab.fullname()) + os.sep
    if View.now:
        while frame is not None and of_runtime(frame, home):
            frame = frame.older()
    if frame or first:
        (frame or first).select()


def thread_of(g):
    """The thread that is on its stack, or None; leaves the selected one as it was."""
    was = gdb.selected_thread()
    try:
        for thread in gdb.selected_inferior().threads():
            thread.switch()
            if g.on_its_stack(int(gdb.newest_frame().read_register("sp"))):
                return thread
    finally:
        was.switch()
    return None


def look_at(g):
    if not g.stack:
        raise gdb.GdbError("weft: %s has not run yet; it begins in %s" % (g.title(), g.begins_in()))
    View.set(None)  # stack pointers are the threads' own from here on
    thread = thread_of(g)
    if thread:
        thread.switch()
    else:
        View.set(View(g))
    select_frame()


class InfoGoroutines(gdb.Command):
    """List the goroutines: what each does, where it waits, and where it was spawned.
The one that is looked at is marked with *."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STATUS)

    def invoke(self, arg, from_tty):
        if gdb.selected_thread() is None:
            raise gdb.GdbError("weft: the program does not run")
        found = goroutines()
        sp = int(gdb.newest_frame().read_register("sp"))
        for g in found:
            here = g.id == View.now.id if View.now else g.on_its_stack(sp)
            gdb.write("%s %s\n" % ("*" if here else " ", g.line()))


class GoroutineCommand(gdb.Command):
    """Look at a goroutine: goroutine N, for bt, frame, up, info locals and so on.
goroutine N COMMAND runs one command there, goroutine all COMMAND in each; goroutine alone goes back
to the thread.  The frames of a goroutine that does not run are numbered from 1."""

    home = None  # the thread that was selected before

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        number, _, command = arg.strip().partition(" ")
        if number and number != "all" and not number.isdigit():
            raise gdb.GdbError("weft: goroutine NUMBER [COMMAND], goroutine all COMMAND, or goroutine")
        if gdb.selected_thread() is None:
            raise gdb.GdbError("weft: the program does not run")
        if not number:
            self.back()
            gdb.execute("frame")
        elif number == "all":
            for g in goroutines():
                gdb.write("\n" + g.line() + "\n")
                self.run_in(g, command.strip() or "bt")
        elif command.strip():
            self.run_in(find(int(number)), command.strip())
        else:
            g = find(int(number))
            if GoroutineCommand.home is None:
                GoroutineCommand.home = gdb.selected_thread()
            look_at(g)
            gdb.write(g.line() + "\n")
            gdb.execute("frame")

    @classmethod
    def back(cls):
        View.set(None)
        if cls.home is not None and cls.home.is_valid():
            cls.home.switch()
        cls.home = None

    @staticmethod
    def run_in(g, command):
        if not g.stack:
            gdb.write("has not run yet; it begins in %s\n" % g.begins_in())
            return
        view, thread, frame = View.now, gdb.selected_thread(), gdb.selected_frame()
        try:
            look_at(g)
            gdb.execute(command)
        finally:
            if thread.is_valid():
                thread.switch()
                View.set(view)
                if frame.is_valid():
                    frame.select()


def forget(event):
    GoroutineCommand.home = None
    if View.now:
        View.set(None)


shown = WithoutThread()
gdb.unwinder.register_unwinder(None, Unwinder(), replace=True)
gdb.events.cont.connect(forget)
gdb.events.exited.connect(forget)
InfoGoroutines()
GoroutineCommand()
