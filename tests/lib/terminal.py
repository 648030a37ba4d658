#!/usr/bin/python3
"""A terminal in this process: a program on a pty, its output through libvterm.

    terminal = Terminal(["build/console"], rows=24, columns=80, env={...})
    terminal.wait_text("Очередь")
    terminal.type("\\r")
    print("\\n".join(terminal.rows_text()))

libvterm (Debian's libvterm0) is called by ctypes: it is the emulator that vim and neovim use, and
fast enough that a measurement is not of the emulator. It answers the program's questions
(`ESC [5n` and the like) as a terminal would.
"""
import ctypes
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Rect(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("start_row", "end_row", "start_col", "end_col")]


def library():
    vterm = ctypes.CDLL("libvterm.so.0")
    vterm.vterm_new.restype = ctypes.c_void_p
    vterm.vterm_new.argtypes = [ctypes.c_int, ctypes.c_int]
    vterm.vterm_free.argtypes = [ctypes.c_void_p]
    vterm.vterm_set_utf8.argtypes = [ctypes.c_void_p, ctypes.c_int]
    vterm.vterm_obtain_screen.restype = ctypes.c_void_p
    vterm.vterm_obtain_screen.argtypes = [ctypes.c_void_p]
    vterm.vterm_screen_enable_altscreen.argtypes = [ctypes.c_void_p, ctypes.c_int]
    vterm.vterm_screen_reset.argtypes = [ctypes.c_void_p, ctypes.c_int]
    vterm.vterm_input_write.restype = ctypes.c_size_t
    vterm.vterm_input_write.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    vterm.vterm_output_read.restype = ctypes.c_size_t
    vterm.vterm_output_read.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    vterm.vterm_screen_get_text.restype = ctypes.c_size_t
    vterm.vterm_screen_get_text.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, Rect]
    return vterm


VTERM = None


class Terminal:
    """A program and the screen it paints. `bytes` counts what it wrote to its line."""

    def __init__(self, command, rows=24, columns=80, env=None):
        global VTERM
        VTERM = VTERM or library()
        self.rows, self.columns = rows, columns
        self.vterm = VTERM.vterm_new(rows, columns)
        VTERM.vterm_set_utf8(self.vterm, 1)
        self.screen = VTERM.vterm_obtain_screen(self.vterm)
        VTERM.vterm_screen_enable_altscreen(self.screen, 1)
        VTERM.vterm_screen_reset(self.screen, 1)
        self.bytes = self.reads = 0
        self.code = None
        size = struct.pack("HHHH", rows, columns, 0, 0)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
                os.execvpe(command[0], command, {**os.environ, "TERM": "xterm-256color",
                                                 **(env or {})})
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)

    def fileno(self):
        return self.fd

    def type(self, text):
        os.write(self.fd, text.encode() if isinstance(text, str) else text)

    def read(self):
        """What is there, onto the screen; False when the program has gone."""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            return False
        self.took(data)
        self.reads += 1
        VTERM.vterm_input_write(self.vterm, data, len(data))
        answer = ctypes.create_string_buffer(4096)
        length = VTERM.vterm_output_read(self.vterm, answer, len(answer))
        if length:
            os.write(self.fd, answer.raw[:length])
        return True

    def took(self, data):
        self.bytes += len(data)

    def pump(self, timeout=0.0):
        """Read for that long."""
        deadline = time.monotonic() + timeout
        while select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
            if not self.read():
                return False
        return True

    def text(self, row):
        """One row as text."""
        buffer = ctypes.create_string_buffer(self.columns * 16)
        length = VTERM.vterm_screen_get_text(self.screen, buffer, len(buffer),
                                             Rect(row, row + 1, 0, self.columns))
        return buffer.raw[:length].decode("utf-8", "replace")

    def rows_text(self):
        return [self.text(row) for row in range(self.rows)]

    def has(self, text):
        return any(text in row for row in self.rows_text())

    def wait(self, condition, patience=10):
        """Until condition(self) holds; AssertionError with the screen when it never does."""
        deadline = time.monotonic() + patience
        while not condition(self):
            if time.monotonic() > deadline or not self.pump(0.02):
                raise AssertionError("the screen shows\n" + "\n".join(self.rows_text()))
        return self

    def wait_text(self, text, patience=10):
        return self.wait(lambda terminal: terminal.has(text), patience)

    def leave(self):
        """SIGHUP, as when the window is closed; the exit code."""
        if self.code is None:
            try:
                os.kill(self.pid, signal.SIGHUP)
            except ProcessLookupError:
                pass
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.code = os.waitstatus_to_exitcode(status)
                    break
                self.pump(0.02)
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.code = -9
            os.close(self.fd)
            VTERM.vterm_free(self.vterm)
        return self.code

    def kill(self):
        """kill -9; leave() afterwards does nothing more."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.code = -9
        os.close(self.fd)
        VTERM.vterm_free(self.vterm)
