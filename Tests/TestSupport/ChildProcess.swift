import CLinux
import Glibc
public import Linux

/// Another program, started with its standard streams in our hands. It is killed where its owner
/// goes before it ends.
public struct ChildProcess: ~Copyable, Sendable {
    public let identifier: Int32
    private let output: FileDescriptor
    private let errors: FileDescriptor
    private var ending: Ending?

    public enum Stream: Sendable {
        case output, errors
    }

    /// How a program ended.
    public enum Ending: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)
    }

    /// Starts a program with arguments, the environment given (ours by default) and no input.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String]? = nil, directory: String? = nil
    ) throws(SystemError) {
        let output = try Pipe()
        let errors = try Pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // Sound: initialised here, used by this function alone, destroyed at its end; each text and
        // list ends in a 0 and lives through the call.
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output.writing.rawValue, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors.writing.rawValue, 2)
        if let directory { unsafe clinux_spawn_in_directory(&actions, directory) }
        // The child starts with no signal blocked, whatever our threads block.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = unsafe environment.map { unsafe $0.map { unsafe strdup($0) } + [nil] } ?? []
        defer {
            let texts = unsafe words + settings
            for index in unsafe texts.indices { unsafe free(texts[index]) }
        }
        var identifier: pid_t = 0
        let code: Int32
        if environment == nil {
            code = unsafe posix_spawn(&identifier, path, &actions, &attributes, &words, environ)
        } else {
            code = unsafe posix_spawn(&identifier, path, &actions, &attributes, &words, &settings)
        }
        guard code == 0 else { throw SystemError("start \(path)", code: code) }
        self.identifier = identifier
        self.output = output.finishWriting()
        self.errors = errors.finishWriting()
    }

    deinit {
        if ending != nil { return }
        _ = kill(identifier, SIGKILL)
        while waitpid(identifier, nil, 0) < 0 && errno == EINTR {}
    }

    /// Does nothing once the end was waited for: the number may be another's then.
    public borrowing func send(signal: Int32) {
        if ending == nil { _ = kill(identifier, signal) }
    }

    /// The next octets of a stream: empty at its end, nil where none came in time.
    public borrowing func read(_ stream: Stream, milliseconds: Int) throws(SystemError) -> [UInt8]? {
        let descriptor = stream == .output ? output.rawValue : errors.rawValue
        guard Poller.wait(descriptor, for: .read, milliseconds: milliseconds) else { return nil }
        var octets = [UInt8](repeating: 0, count: 16_384)
        // Sound: no more octets are read than the array has.
        while true {
            let count = unsafe Glibc.read(descriptor, &octets, octets.count)
            if count >= 0 { return Array(octets.prefix(count)) }
            if errno != EINTR { throw SystemError("read", code: errno) }
        }
    }

    /// Waits for the program's end; nil where it does not come in time.
    public mutating func wait(milliseconds: Int) -> Ending? {
        let end = Clock.milliseconds + milliseconds
        while ending == nil {
            var status: Int32 = 0
            // Sound: one number.
            let ended = unsafe waitpid(identifier, &status, WNOHANG)
            if ended == identifier {
                ending = status & 0x7f == 0 ? .exit(status >> 8 & 0xff) : .signal(status & 0x7f)
            } else if ended < 0 && errno != EINTR || Clock.milliseconds >= end {
                return nil
            } else {
                Clock.sleep(milliseconds: 2)
            }
        }
        return ending
    }
}

private struct Pipe: ~Copyable {
    let reading: FileDescriptor
    let writing: FileDescriptor

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        // Sound: the array has room for the two numbers.
        guard unsafe clinux_pipe(&ends) == 0 else { throw SystemError("pipe2", code: errno) }
        reading = FileDescriptor(adopting: ends[0])
        writing = FileDescriptor(adopting: ends[1])
    }

    /// Closes the end that is written.
    consuming func finishWriting() -> FileDescriptor { reading }
}
