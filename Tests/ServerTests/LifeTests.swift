import DNS
import DNSServer
import Linux
import Synchronization
import TestSupport
import Testing

struct LifeTests {
    @Test func aTakenPortIsAnErrorThatDisturbsNobody() throws {
        let running = try RunningServer()
        let error = #expect(throws: BindError.self) { try Server(binding: [running.address], workers: 2) }
        #expect(error?.isTaken == true && error?.address == running.address)
        #expect(try running.isServing())
    }

    @Test(arguments: [true, false])
    func eachTransportCountsAlone(takesDatagrams: Bool) throws {
        // An address of its own, where no other test takes the port of the other transport.
        let own = try #require(SocketAddress(takesDatagrams ? "127.88.0.1" : "127.88.0.2", defaultPort: 0))
        let taken = try Socket(takesDatagrams ? .udp : .tcp, .ipv4)
        try taken.bind(own)
        if !takesDatagrams { try taken.listen() }
        // Even where the other lets ports be shared.
        try taken.sharePort()
        let address = try taken.localAddress()
        let error = #expect(throws: BindError.self) { try Server(binding: [address], workers: 2) }
        #expect(error?.isTaken == true)
        #expect((error?.transport == .udp) == takesDatagrams)
    }

    @Test func listensOnSeveralAddresses() throws {
        let addresses = [SocketAddress.loopback(.ipv4, port: 0), .loopback(.ipv6, port: 0)]
        let server = try Server(binding: addresses)
        defer { server.stop() }
        try server.start(serving: .empty)
        #expect(server.workers == Machine.processors)
        for address in server.addresses {
            #expect(address.port != 0)
            let reply = try DatagramClient(to: address).ask(RunningServer.query())
            #expect(reply.flatMap(Sample.responseCode) == 5)
            #expect(try StreamClient(to: address).ask(RunningServer.query()).flatMap(Sample.responseCode) == 5)
        }
    }

    /// A client of another test may hold the number for a moment, on all addresses; nobody holds it for long.
    private static func whenFree<Value: ~Copyable>(_ bind: () throws -> Value) throws -> Value {
        for _ in 0..<100 {
            do {
                return try bind()
            } catch let error as BindError where error.isTaken {
                Clock.sleep(milliseconds: 20)
            }
        }
        return try bind()
    }

    @Test func stoppingFreesThePorts() throws {
        let address: SocketAddress
        do {
            // An address of its own, where no other test takes the port meanwhile.
            let running = try RunningServer("127.88.0.3", workers: 4)
            let client = try running.stream()
            #expect(try client.ask(RunningServer.query()) != nil)
            address = running.address
            let start = Clock.milliseconds
            running.server.stop()
            running.server.stop()
            #expect(Clock.milliseconds - start < 2_000)
            #expect(client.receive() == .closed)
        }
        for _ in 0..<3 {
            let again = try Self.whenFree { try RunningServer(address.description) }
            #expect(again.address == address)
            #expect(try again.isServing())
        }
    }

    @Test func aServerThatWasNeverStartedStops() throws {
        let address = try Server(binding: [.loopback(.ipv4, port: 0)]).addresses[0]
        let server = try Self.whenFree { try Server(binding: [address]) }
        server.stop()
        try server.start(serving: .empty)
        #expect(server.counters.queries == 0)
    }

    @Test func noWorkerKeepsAnOldDatabase() throws {
        var database: Database? = try RunningServer.database(serial: 1)
        weak let old = database
        let running = try RunningServer(serving: database, workers: 4)
        database = nil
        #expect(try running.isServing())
        running.server.publish(try RunningServer.database(serial: 2))
        let end = Clock.milliseconds + 5_000
        while old != nil && Clock.milliseconds < end { Clock.sleep(milliseconds: 1) }
        #expect(old == nil)
    }

    @Test func publishingUnderLoadLosesAndMixesNothing() throws {
        let running = try RunningServer(workers: 2)
        let (address, published) = (running.address, Published())
        let threads = try (0..<4).map { number throws(SystemError) in
            try Thread(name: "asker") {
                do {
                    try published.askUntilStopped(address, overTCP: number % 2 == 0)
                } catch {
                    published.fail("\(error)")
                }
            }
        }
        for serial in UInt32(2)...100 {
            running.server.publish(try RunningServer.database(serial: serial))
            published.oldest.store(serial, ordering: .sequentiallyConsistent)
            Clock.sleep(milliseconds: 2)
        }
        published.isStopped.store(true, ordering: .sequentiallyConsistent)
        for thread in threads { thread.join() }
        #expect(published.failures == [])
        #expect(published.answers.load(ordering: .relaxed) > 100)
    }
}

/// Asks again and again, and sees to it that answers never go back.
private final class Published: Sendable {
    /// The oldest serial that may still be answered.
    let oldest = Atomic<UInt32>(1)
    let isStopped = Atomic(false)
    let answers = Atomic(0)
    private let failed = Mutex<[String]>([])

    var failures: [String] { failed.withLock { $0 } }

    func fail(_ text: String) { failed.withLock { $0.append(text) } }

    func askUntilStopped(_ address: SocketAddress, overTCP: Bool) throws {
        let datagrams = try DatagramClient(to: address)
        let stream = try StreamClient(to: address)
        var id: UInt16 = 0
        while !isStopped.load(ordering: .sequentiallyConsistent) {
            id &+= 1
            let expected = oldest.load(ordering: .sequentiallyConsistent)
            let query = RunningServer.query(id: id)
            let reply = overTCP ? try stream.ask(query) : try datagrams.ask(query)
            guard let serial = reply.flatMap(Sample.serial) else { return fail("no answer") }
            if serial < expected { fail("\(serial) after \(expected)") }
            answers.add(1, ordering: .relaxed)
        }
    }
}
