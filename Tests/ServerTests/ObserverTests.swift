import DNS
import Linux
import TestSupport
import Testing

@testable import DNSServer

/// What is counted, logged and found to be frequent.
struct ObserverTests {
    /// Waits for what happens a little later.
    private static func comes(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = Clock.milliseconds + 10_000
        while try !condition() {
            if Clock.milliseconds > end { return false }
            Clock.sleep(milliseconds: 2)
        }
        return true
    }

    private static func lines(of path: String) -> [JSON] {
        let text = (try? File.read(path, limit: 1 << 24).octets) ?? []
        return text.split(separator: 0x0A).map { JSON(parsing: $0) ?? .null }
    }

    /// Questions and what they get: A, which exists, NS, a name that does not exist, another zone, a type without a name.
    private static let questions: [(name: String, type: UInt16, code: ResponseCode)] = [
        ("ns.example.test", 1, .noError), ("example.test", 2, .noError), ("nx.example.test", 28, .nameError),
        ("example.org", 15, .refused), ("example.test", 999, .noError),
    ]

    @Test func countsEachOfManyQueries() throws {
        let running = try RunningServer(workers: 3)
        let rounds = 200
        let datagrams = try (0..<8).map { _ in try running.datagrams() }
        let stream = try running.stream()
        for round in 0..<rounds {
            for (index, question) in Self.questions.enumerated() {
                let query = Sample.query(question.name, type: question.type, id: UInt16(round * 5 + index))
                try datagrams[(round + index) % 8].send(query)
                try stream.send(message: query)
                #expect(try datagrams[(round + index) % 8].receive() != nil)
                guard case .message = stream.receive() else { throw Missing() }
            }
        }
        // Without a question; of another opcode; no query at all.
        try datagrams[0].send([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        try datagrams[0].send([0, 2, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        try datagrams[0].send([0, 3, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        let count = rounds * Self.questions.count
        #expect(Self.comes { running.server.counters.queries == 2 * count + 3 })
        let counters = running.server.counters
        #expect(counters.udp.queries == count + 3 && counters.tcp.queries == count)
        #expect(counters.udp.replies == count + 2 && counters.tcp.replies == count)
        for traffic in [counters.udp, counters.tcp] {
            #expect(traffic.types[.a] == rounds && traffic.types[.ns] == rounds && traffic.types[.mx] == rounds)
            #expect(traffic.codes[.nameError] == rounds && traffic.codes[.refused] == rounds)
            #expect(traffic.codes[.noError] == 3 * rounds && traffic.dropped == 0 && traffic.truncated == 0)
        }
        #expect(counters.tcp.types[nil] == rounds && counters.udp.types[nil] == rounds + 2)
        #expect(counters.udp.codes[.formatError] == 1 && counters.udp.codes[.notImplemented] == 1)
        #expect(counters.connectionsAccepted == 1 && counters.connectionsOpen == 1)
        #expect(counters.limits.values.allSatisfy { $0 == 0 })
    }

    @Test func countsLimits() throws {
        let running = try RunningServer {
            $0.connections = 2
            $0.connectionIdleMilliseconds = 50
        }
        let streams = try (0..<3).map { _ in try running.stream() }
        #expect(Self.comes { running.server.counters.limits[.connectionIdle] == 2 })
        #expect(running.server.counters.limits[.connections] == 1)
        withExtendedLifetime(streams) {}
    }

    @Test func logsEachQuery() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/log"
        let running = try RunningServer(workers: 1)
        try running.server.observer.startLog(path: path, sampling: 1)
        let datagrams = try running.datagrams()
        let stream = try running.stream()
        for (index, question) in Self.questions.enumerated() {
            let query = Sample.query(question.name, type: question.type, id: UInt16(index))
            #expect(try datagrams.askOnce(query) != nil)
            #expect(try stream.ask(query) != nil)
        }
        // A name of octets that neither JSON nor a terminal takes.
        var hostile = Sample.query("xxxxxxx.example.test", type: 1)
        hostile.replaceSubrange(13..<20, with: [0x1B, 0x22, 0x0A, 0x5C, 0xFF, 0x00, 0x41])
        #expect(try datagrams.askOnce(hostile) != nil)
        running.server.observer.stopLog()
        #expect(try datagrams.askOnce(RunningServer.query()) != nil)
        let lines = Self.lines(of: path)
        #expect(lines.count == 11)
        for transport in ["udp", "tcp"] {
            let mine = lines.filter { $0["transport"]?.string == transport }
            #expect(mine.prefix(5).map { $0["name"]?.string } == Self.questions.map { $0.name + "." })
            #expect(mine.prefix(5).map { $0["code"]?.string } == Self.questions.map { "\($0.code)" })
            #expect(mine.prefix(5).map { $0["type"]?.string } == ["A", "NS", "AAAA", "MX", "TYPE999"])
            #expect(mine.allSatisfy { $0["client"]?.string == "127.0.0.1" && $0["class"]?.string == "IN" })
            #expect(mine.allSatisfy { ($0["port"]?.number ?? 0) > 1023 && ($0["octets"]?.number ?? 0) > 12 })
            #expect(mine.allSatisfy { $0["time"]?.string?.count == 27 && $0["flags"] == [] })
        }
        let names = lines.compactMap { $0["name"]?.string }
        #expect(names.contains("\\027\\\"\\010\\\\\\255\\000A.example.test."))
        let text = try File.read(path, limit: 1 << 20).octets
        #expect(text.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
    }

    @Test func samplesTheLog() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/log"
        let running = try RunningServer(workers: 1)
        try running.server.observer.startLog(path: path, sampling: 10)
        let stream = try running.stream()
        for id in UInt16(0)..<4_000 {
            try stream.send(message: RunningServer.query(id: id))
            guard case .message = stream.receive() else { throw Missing() }
        }
        running.server.observer.stopLog()
        // Gaps are random around ten: 400 with a deviation of some 12.
        #expect((300...500).contains(Self.lines(of: path).count))
        #expect(running.server.observer.lostLines == 0)
    }

    /// What nobody fetches, and what nobody takes from the pipe, is lost and counted; every query is answered.
    @Test(arguments: [true, false])
    func losesWhatThereIsNoRoomFor(ringIsSmall: Bool) throws {
        let directory = try TemporaryDirectory()
        try directory.run("mkfifo fifo")
        var reader = try ChildProcess("/bin/cat", ["fifo"], directory: directory.path)
        let running = try RunningServer(workers: 1) {
            if ringIsSmall {
                $0.observer.queriesWaiting = 4
                $0.observer.fetchMilliseconds = 300
            } else {
                $0.observer.logSize = 1 << 10
            }
        }
        let observer = running.server.observer
        // A FIFO that nobody opened yet is an error.
        #expect(Self.comes { (try? observer.startLog(path: "\(directory.path)/fifo", sampling: 1)) != nil })
        let stream = try running.stream()
        // Two pipes hold 128 KiB, some 700 lines.
        let count = 3_000
        for id in 0..<count {
            try stream.send(message: RunningServer.query(id: UInt16(id)))
            guard case .message = stream.receive() else { throw Missing() }
        }
        #expect(Self.comes { observer.lostLines > 0 })
        #expect(Self.comes { running.server.counters.tcp.replies == count })
        // The log goes on, and says what is missing.
        var text: [UInt8] = []
        var lines: [JSON] = []
        let isAllThere = try Self.comes {
            text += try reader.read(.output, milliseconds: 100) ?? []
            lines = text.split(separator: 0x0A).map { JSON(parsing: $0) ?? .null }
            let told = lines.reduce(0) { $0 + ($1["lost"]?.number ?? 0) }
            return told == observer.lostLines && lines.count { $0["name"] != nil } + told == count
        }
        #expect(isAllThere)
        observer.stopLog()
        #expect(reader.wait(milliseconds: 5_000) == .exit(0))
    }

    @Test func findsTheMostFrequent() throws {
        let running = try RunningServer(workers: 1) { $0.observer.keysCounted = 16 }
        _ = try running.server.observer.top(3)
        let stream = try running.stream()
        for id in UInt16(0)..<600 {
            let name = id % 3 == 0 ? "n\(id).example.test" : id % 2 == 0 ? "NS.example.TEST" : "example.test"
            try stream.send(message: Sample.query(name, id: id))
            guard case .message = stream.receive() else { throw Missing() }
        }
        #expect(try Self.comes { try running.server.observer.top(3).samples == 600 })
        let top = try running.server.observer.top(2)
        #expect(Set(top.names.map { "\($0.name)" }) == ["ns.example.test.", "example.test."])
        #expect(top.names.allSatisfy { (150...200).contains($0.count) })
        #expect(top.clients.map { "\($0.client.host) \($0.count)" } == ["127.0.0.1 600"])
    }

    @Test func sketchKeepsWhatIsFrequent() {
        var sketch = Sketch<Int>(capacity: 20)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<10_000 {
            // 1 to 3 are a tenth each, all others are of a million.
            let number = Int.random(in: 0..<10, using: &random)
            sketch.add((1...3).contains(number) ? number : Int.random(in: 10..<1_000_000, using: &random))
        }
        let most = sketch.most(5)
        #expect(Set(most.prefix(3).map(\.key)) == [1, 2, 3] && sketch.total == 10_000)
        #expect(most.prefix(3).allSatisfy { (500...1_100).contains($0.count) })
        // The others are not known to be frequent.
        #expect(most.dropFirst(3).allSatisfy { $0.count < 100 })
        sketch.fade()
        #expect(sketch.total == 5_000)
    }

    private struct Missing: Error {}
}
