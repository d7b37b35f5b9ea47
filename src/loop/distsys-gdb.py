# What gdb cannot know by itself: the bodies of a simulation, and where each one
# that runs on a fiber waits.
#
#     (gdb) source .../distsys/distsys-gdb.py
#     (gdb) ds-bodies            the loop of the thread that is selected, or
#     (gdb) ds-bodies my_loop    this one
#     (gdb) ds-backtrace 3       where the fiber of thread 3 waits
#
# and of distsys-mpirun, which runs a program in many images that no linker knows
# of: whenever it stops, gdb is given the symbols of those that are on the stack.
#
#     (gdb) ds-ranks             in which calls of MPI the ranks are
#     (gdb) ds-images            symbols of all images, for breakpoints in them
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


# ---- Images ------------------------------------------------------------------

known = set()  # where images begin whose symbols gdb has


def load_symbols(program, base):
    if base not in known:
        known.add(base)
        gdb.execute('add-symbol-file "%s" -o %#x' %
                    (program["path"].string(), base), to_string=True)


def program_of_images():
    """What distsys-mpirun runs, or None elsewhere."""
    try:
        program = gdb.parse_and_eval("ds__image_program")
    except gdb.error:
        return None
    return None if int(program) == 0 else program


def image_bases(program):
    span = int(program["elf"]["span"])
    first = int(program["area"])
    return range(first + span, first + (int(program["num_images"]) + 1) * span,
                 span)


def is_new(bases, pc):
    """Whether that is in an image whose symbols gdb does not have."""
    if not bases.start <= pc < bases.stop:
        return False
    return bases[(pc - bases.start) // bases.step] not in known


def new_on_stack(bases):
    """The address of a call in such an image, or None."""
    frame = gdb.newest_frame()
    while frame is not None:
        if is_new(bases, frame.pc()):
            return frame.pc()
        try:
            frame = frame.older()
        except gdb.error:
            return None
    return None


def load_stack(event=None):
    """Through an image that it knows gdb finds the way to the next one."""
    program = program_of_images()
    if program is None:
        return
    bases = image_bases(program)
    pc = new_on_stack(bases)
    while pc is not None:
        load_symbols(program, bases[(pc - bases.start) // bases.step])
        pc = new_on_stack(bases)


class Images(gdb.Command):
    """ds-images: have the symbols of all images, as for breakpoints in them."""

    def __init__(self):
        super().__init__("ds-images", gdb.COMMAND_FILES)

    def invoke(self, arg, from_tty):
        program = program_of_images()
        if program is None:
            raise gdb.GdbError("no images are there (yet)")
        for base in image_bases(program):
            load_symbols(program, base)
        print("%d images of %s" % (int(program["num_images"]),
                                   program["path"].string()))


class Ranks(gdb.Command):
    """ds-ranks: list the ranks, and the calls of MPI that they are in."""

    def __init__(self):
        super().__init__("ds-ranks", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        program = program_of_images()
        if program is None:
            raise gdb.GdbError("no ranks are there (yet)")
        bases = image_bases(program)
        world = gdb.parse_and_eval("ds__the_world")
        for i in range(int(world["num_ranks"])):
            self.show(program, bases, world["ranks"][i])

    def show(self, program, bases, rank):
        thread = rank["program"]
        text = "rank %d" % int(rank["number"])
        if int(rank["returned"]) != 0:
            text += " has ended"
        elif int(thread["call"]) != 0:
            text += " in %s%s, since %.9g s" % (
                thread["call"].string(),
                self.line(program, bases, int(thread["site"])),
                float(thread["since"]))
        print(text)

    def line(self, program, bases, site):
        """The call is just before the address that it returns to."""
        if is_new(bases, site):
            load_symbols(program, bases[(site - bases.start) // bases.step])
        found = gdb.find_pc_line(site - 1)
        if found.symtab is None:
            return ""
        return " at %s:%d" % (found.symtab.filename, found.line)


# ---- Bodies ------------------------------------------------------------------

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
            load_stack()
            print(title(h))
            gdb.execute("backtrace")
        finally:
            for r, value in kept:
                gdb.execute("set $%s = %d" % (r, value))


Bodies()
Backtrace()
Images()
Ranks()
gdb.events.stop.connect(load_stack)
gdb.events.exited.connect(lambda event: known.clear())
load_stack()
