public import Linux
import Synchronization

/// Asks for a zone again and again, and collects what differs in the answers.
public final class Asker: Sendable {
    /// Serials as they were answered first, each once; 0 where there was no good answer.
    private let serials = Mutex<[UInt32]>([])
    private let isStopped = Atomic(false)
    private let thread = Mutex<Thread?>(nil)

    public init(_ address: SocketAddress, _ zone: String = "a.test") throws {
        let client = try DatagramClient(to: address)
        let thread = try Thread(name: "asker") { [self] in
            while !isStopped.load(ordering: .relaxed) {
                let reply = try? client.ask(Sample.query(zone))
                let serial = reply.flatMap(Sample.serial) ?? 0
                serials.withLock { if $0.last != serial { $0.append(serial) } }
            }
        }
        self.thread.withLock { $0 = thread }
    }

    /// What was answered, in order, up to this serial.
    public func stop(after serial: UInt32) -> [UInt32] {
        let end = Clock.milliseconds + 10_000
        while serials.withLock({ $0.last }) != serial && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        isStopped.store(true, ordering: .relaxed)
        thread.withLock { $0 }?.join()
        return serials.withLock { $0 }
    }
}
