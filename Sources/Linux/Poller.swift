import CLinux
import Glibc

/// What a descriptor is watched for, or was found ready for.
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let read = Readiness(rawValue: EPOLLIN.rawValue)
    public static let write = Readiness(rawValue: EPOLLOUT.rawValue)
    /// Tells only what arrives from now on, not what waits still: whoever asks for it takes all that there is, or
    /// calls `change` to be told of the rest. Waiting costs less for it.
    public static let onlyNews = Readiness(rawValue: EPOLLET.rawValue)
    /// An error or a hang-up; reported without being asked for.
    public static let failure = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Watches descriptors (epoll) and says which are ready.
@safe
public struct Poller: ~Copyable {
    private let descriptor: FileDescriptor
    // Sound: two numbers each; all that writes to the union or reads it means `u64`.
    private var events: [epoll_event]
    private var count = 0

    /// - Parameter limit: how many ready descriptors one `wait` tells, 1 to 256.
    public init(limit: Int = 64) throws(SystemError) {
        descriptor = FileDescriptor(adopting: try retrying("epoll_create1") { epoll_create1(Int32(O_CLOEXEC)) })
        unsafe events = unsafe Array(repeating: epoll_event(), count: max(1, min(limit, 256)))
    }

    public borrowing func add(_ watched: Int32, _ readiness: Readiness, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, watched, readiness, token)
    }

    public borrowing func change(_ watched: Int32, _ readiness: Readiness, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, watched, readiness, token)
    }

    /// Closing the last copy of a descriptor removes it too.
    public borrowing func remove(_ watched: Int32) {
        _ = epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, watched, nil)
    }

    /// Waits until a descriptor is ready or the time is over (-1: for ever); how many are ready.
    public mutating func wait(milliseconds: Int = -1) throws(SystemError) -> Int {
        let timeout = Int32(clamping: milliseconds)
        // Sound: the array has the room that is told, and is ours alone during the call.
        let ready = unsafe epoll_wait(descriptor.rawValue, &events, Int32(events.count), timeout)
        count = max(0, Int(ready))
        if ready < 0 && errno != EINTR { throw SystemError("epoll_wait") }
        return count
    }

    /// The token of the ready descriptor at `index`, below what `wait` returned.
    public borrowing func token(_ index: Int) -> UInt64 { unsafe events[index].data.u64 }

    public borrowing func readiness(_ index: Int) -> Readiness { unsafe Readiness(rawValue: events[index].events) }

    private borrowing func control(
        _ operation: Int32, _ watched: Int32, _ readiness: Readiness, _ token: UInt64
    ) throws(SystemError) {
        var event = unsafe epoll_event(events: readiness.rawValue, data: epoll_data_t(u64: token))
        // Sound: one structure.
        guard unsafe epoll_ctl(descriptor.rawValue, operation, watched, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Waits for one descriptor, for at most the given time.
    public static func wait(_ descriptor: Int32, for readiness: Readiness, milliseconds: Int) -> Bool {
        let now = Clock.milliseconds
        let end = now + min(max(0, milliseconds), .max - now)
        while true {
            // The bits of poll and epoll are the same.
            var watched = pollfd(fd: descriptor, events: Int16(readiness.rawValue), revents: 0)
            // Sound: one structure.
            let count = unsafe poll(&watched, 1, Int32(clamping: max(0, end - Clock.milliseconds)))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }
}

/// Wakes a thread that polls or waits (eventfd). Several signals before the thread looks count as one.
public final class Wakeup: Sendable {
    private let owner: FileDescriptor

    public var descriptor: Int32 { owner.rawValue }

    public init() throws(SystemError) {
        let flags = Int32(O_CLOEXEC | O_NONBLOCK)
        owner = FileDescriptor(adopting: try retrying("eventfd") { eventfd(0, flags) })
    }

    public func signal() {
        var one: UInt64 = 1
        // Sound: 8 octets from a value of 8. A full counter wakes as well.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Forgets the signals so far; whether there was one.
    @discardableResult
    public func clear() -> Bool {
        var count: UInt64 = 0
        // Sound: 8 octets into a value of 8.
        return unsafe read(descriptor, &count, 8) == 8
    }

    /// Waits for a signal and forgets it; false where none came in time.
    public func wait(milliseconds: Int = .max) -> Bool {
        let end = Clock.milliseconds.addingReportingOverflow(milliseconds)
        while !clear() {
            let left = end.overflow ? .max : end.partialValue - Clock.milliseconds
            if left <= 0 { return false }
            _ = Poller.wait(descriptor, for: .read, milliseconds: min(left, 3_600_000))
        }
        return true
    }
}
