import CLinux
import Glibc

extension StandardStreams {
    /// Whether the descriptor is open; to be asked before `reserve`.
    public static func isOpen(_ descriptor: Int32) -> Bool {
        fcntl(descriptor, F_GETFD) >= 0
    }

    /// Writing to a pipe that nobody reads is an error from now on, and no signal.
    public static func ignoreClosedPipes() {
        clinux_signal_ignore(SIGPIPE)
    }

    /// From now on SIGINT ends the process at once with an exit code of its own.
    public static func endOnInterrupt(_ code: Int32) {
        clinux_signal_end(SIGINT, code)
    }

    /// Writes all of the octets.
    public static func write(all octets: [UInt8], to descriptor: Int32) throws(SystemError) {
        var offset = 0
        while offset < octets.count {
            offset += try retrying("write") {
                // Sound: the range lies inside the array, which lives through the call.
                unsafe octets.withUnsafeBytes { bytes in
                    unsafe Glibc.write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
                }
            }
        }
    }
}

extension SystemError {
    /// Nobody reads the pipe any more.
    public var isClosedPipe: Bool { code == EPIPE }
}
