# What gdb cannot know by itself: the bodies of a simulation, and where each one
# that runs on a fiber waits.
#
#     (gdb) source .../distsys/distsys-gdb.py
#     (gdb) ds-bodies            the loop of the thread that is selected, or
#     (gdb) ds-bodies my_loop    this one
#     (gdb) ds-backtrace 3       where the fiber of thread 3 waits
#
# The library must have debugging symbols.  ds-backtrace knows how x86-64 keeps
# the registers of a fiber; on POSIX threads "thread apply all backtrace" does.

import gdb

STATES = ["has not started", "has the baton", "is in a network's operation",
          "computes", "waits", "has ended"]


def loop_of(text):
    """The loop that an expression means, or that of the selected thread."""
    if text:
        return gdb.parse_and_eval(text)
    here = gdb.parse_and_eval("ds__here")
    if int(here) == 0:
        raise gdb.GdbError("no body runs here; which loop?  ds-bodies LOOP")
    return here["loop"]


def bodies(loop):
    """The handles that have not ended, in the order of their spawning."""
    found = []
    h = loop["made"]
    while int(h) != 0:
        if int(h["state"]) != 5:
            found.append(h)
        h = h["next"]
    return sorted(found, key=lambda h: int(h["number"]))


def title(h):
    text = "%s %d" % ("daemon" if h["daemon"] else "thread", int(h["number"]))
    if int(h["name"]) != 0:
        text += ' "%s"' % h["name"].string()
    return text


class Bodies(gdb.Command):
    """ds-bodies [LOOP]: list the simulated threads of a loop."""

    def __init__(self):
        super().__init__("ds-bodies", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        loop = loop_of(arg)
        print("at %.9g s" % float(loop["now"]))
        for h in bodies(loop):
            call = gdb.parse_and_eval("*(const char **)%d" %
                                      int(h["call"].address))
            name = "" if int(call) == 0 else ", last in %s" % call.string()
            print("  %s %s%s, since %.9g s" %
                  (title(h), STATES[int(h["state"])], name,
                   float(h["since"])))


class Backtrace(gdb.Command):
    """ds-backtrace NUMBER [LOOP]: show where the fiber of a thread waits."""

    def __init__(self):
        super().__init__("ds-backtrace", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        words = arg.split(None, 1)
        if not words:
            raise gdb.GdbError("ds-backtrace NUMBER [LOOP]")
        loop = loop_of(words[1] if len(words) > 1 else "")
        for h in bodies(loop):
            if int(h["number"]) == int(words[0]):
                return self.show(h)
        raise gdb.GdbError("there is no such thread")

    def show(self, h):
        fibers = gdb.parse_and_eval("&ds__exec_fibers")
        if int(h["loop"]["exec"]) != int(fibers):
            raise gdb.GdbError("it runs on a thread of the system")
        if int(h["state"]) not in (3, 4):
            raise gdb.GdbError("it %s" % STATES[int(h["state"])])
        fiber = gdb.lookup_type("ds__fiber").pointer()
        at = int(h["task"]["bytes"].address.cast(fiber)["context"]["at"])
        # Nothing may go wrong between saving the registers and restoring them.
        kept = [(r, int(gdb.parse_and_eval("(long)$" + r)))
                for r in ("rsp", "rbp", "rbx", "r12", "r13", "r14", "r15",
                          "rip")]
        saved = {"r15": 0, "r14": 8, "r13": 16, "r12": 24, "rbx": 32,
                 "rbp": 40, "rip": 48}
        try:
            gdb.execute("select-frame 0")
            word = gdb.lookup_type("long").pointer()
            values = {r: int(gdb.Value(at + o).cast(word).dereference())
                      for r, o in saved.items()}
            values["rsp"] = at + 56
            for r in ("rbp", "rbx", "r12", "r13", "r14", "r15", "rsp", "rip"):
                gdb.execute("set $%s = %d" % (r, values[r]))
            print(title(h))
            gdb.execute("backtrace")
        finally:
            for r, value in kept:
                gdb.execute("set $%s = %d" % (r, value))


Bodies()
Backtrace()
