import CLinux
import Glibc

/// The terminal of the process while keys are taken from it one by one, unseen, and a screen of its own is shown;
/// restored with its owner.
public struct Terminal: ~Copyable {
    private let saved: termios

    /// Nil where standard input or output is no terminal.
    public init?() {
        var mode = termios()
        // Sound: one structure.
        guard isatty(1) == 1, unsafe tcgetattr(0, &mode) == 0 else { return nil }
        saved = mode
        mode.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        // Sound: one structure.
        unsafe tcsetattr(0, TCSANOW, &mode)
        StandardStreams.write("\u{1B}[?1049h\u{1B}[?25l", to: 1)
    }

    deinit {
        StandardStreams.write("\u{1B}[?25h\u{1B}[?1049l", to: 1, patienceMilliseconds: 1000)
        var mode = saved
        // Sound: one structure.
        unsafe tcsetattr(0, TCSANOW, &mode)
    }

    /// Columns and lines.
    public static var size: (columns: Int, lines: Int) {
        var size = winsize()
        // Sound: one structure.
        guard unsafe ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Waits for a key; 0 where none came in time, nil where no more can come.
    public func key(milliseconds: Int) -> UInt8? {
        guard Poller.wait(0, for: .read, milliseconds: milliseconds) else { return 0 }
        var octet: UInt8 = 0
        // Sound: one octet.
        return unsafe read(0, &octet, 1) == 1 ? octet : nil
    }
}
