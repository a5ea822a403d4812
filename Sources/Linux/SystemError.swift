import CLinux
import Glibc

/// A system call that failed: which one, and errno.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, with its object where that helps the reader: `bind 127.0.0.1:53`.
    public let call: String
    /// errno, or 0 where the reason is not the system's.
    public let code: Int32
    private let reason: String?

    public init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
        self.reason = nil
    }

    /// The call that failed just now.
    init(_ call: String) {
        self.init(call, code: errno)
    }

    /// An object that the system would serve and that we refuse: a FIFO where a file must be.
    public init(_ call: String, refused reason: String) {
        self.call = call
        self.code = 0
        self.reason = reason
    }

    /// What went wrong, without the call: `Permission denied`.
    public var message: String { reason ?? Self.text(of: code) }

    /// There is nothing at the path.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// The path is a link where that was not wanted, or its links go round.
    public var isLink: Bool { code == ELOOP }

    /// There are no more descriptors or watches, or no memory.
    public var isExhaustion: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(code) }

    /// The user may not.
    public var isForbidden: Bool { code == EACCES || code == EPERM }

    public var description: String { "\(call): \(message)" }

    private static func text(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // Sound: the array has the room that is told.
        guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(endedByZero: buffer)
    }
}

extension String {
    /// The characters before the first 0.
    init(endedByZero text: [CChar]) {
        self.init(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Repeats a call that a signal interrupted; gives its result or the error.
@inline(__always)
func retrying<Result: SignedInteger>(
    _ name: @autoclosure () -> String, _ call: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(name(), code: code) }
    }
}
