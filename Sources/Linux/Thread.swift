import CLinux
import Glibc
import Synchronization

/// A thread of the system. It is joined, or detached where the last reference goes first.
public final class Thread: Sendable {
    private let handle: pthread_t
    private let isJoined = Atomic(false)

    /// Starts a thread.
    /// - Parameters:
    ///   - name: at most 15 octets are shown.
    ///   - stackSize: in octets; a page is added that faults.
    public init(
        name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        var attributes = pthread_attr_t()
        // Sound: initialised here, used by this function alone, destroyed at its end.
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setstacksize(&attributes, max(stackSize, 1 << 16))
        let start = ThreadStart(name: String(decoding: name.utf8.prefix(15), as: UTF8.self), body: body)
        let argument = unsafe Unmanaged.passRetained(start)
        var handle = pthread_t()
        // Sound: the thread takes the reference that is passed, or we do where there is no thread.
        let code = unsafe pthread_create(&handle, &attributes, runThread, argument.toOpaque())
        guard code == 0 else {
            unsafe argument.release()
            throw SystemError("pthread_create", code: code)
        }
        self.handle = handle
    }

    /// Waits for the end of the thread; called again it returns at once.
    public func join() {
        guard !isJoined.exchange(true, ordering: .relaxed) else { return }
        // A thread is joined once, as the flag sees to.
        _ = pthread_join(handle, nil)
    }

    /// Makes the calling thread, and those that it starts from now on, give way to all that have work too.
    public static func lowerPriority() {
        // To Linux 0 is the thread and not its process; becoming less important cannot fail.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
    }

    /// Lets those run first who wait for the processor of the calling thread.
    public static func yield() { sched_yield() }

    deinit {
        if !isJoined.load(ordering: .relaxed) { _ = pthread_detach(handle) }
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

// A function and not a closure: a closure literal could inherit the isolation of its surroundings.
nonisolated private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // Sound: `argument` is the reference that Thread.init retained for us.
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
    // Sound: a text that ends in a 0.
    unsafe clinux_name_thread(start.name)
    start.body()
    return nil
}
