import DNS
import Linux
import TestSupport
import Testing

@testable import DNSClient

/// What an exchange decides, with a clock and a network that are made up.
struct ExchangeTests {
    private static let servers = (1...3).compactMap { SocketAddress(host: "192.0.2.\($0)", port: 53) }
    private static let second = 1_000_000_000

    private static func exchange(servers: Int, first: Int = 0) -> Exchange {
        let configuration = ResolverConfiguration(servers: Array(Self.servers.prefix(servers)))
        let asking = try! Asking(configuration.options, configuration)
        return Exchange(question, asking, order: asking.order(first: first) { _ in false }, now: 0)
    }

    /// `192.0.2.1:53 UDP until 2`, `answer NOERROR`, `error no usable reply`.
    private static func text(_ step: Exchange.Step, _ exchange: Exchange) -> String {
        switch (step, exchange.result) {
        case (.send(let attempt), _): "\(attempt.server.host) \(attempt.transport) until \(attempt.expiry / second)"
        case (.end, .success(let reply)): "answer \(reply.responseCode)"
        case (.end, .failure(let error)): "error \(error)"
        }
    }

    /// Makes the query as the event loop would, and has a reply to it judged.
    @discardableResult
    private static func receive(_ reply: [UInt8], _ exchange: inout Exchange, now: Int = 0) -> String {
        var peer = Peer(random: 0)
        _ = exchange.query(id: 0, peer) { 0 }
        switch exchange.received(reply.span, &peer, now: now) {
        case .stranger: return "nothing"
        case .next(let step): return text(step, exchange)
        case .answer:
            let result = try? exchange.reply(reply, exchange.provenance(now: now))
            return result.map { "answer \($0.responseCode)" } ?? text(exchange.failed(.unexpected, now: now), exchange)
        }
    }

    private static func reply(_ code: ResponseCode = .noError, truncated: Bool = false) -> [UInt8] {
        var message = Message(id: 0, question: question)
        message.header.isResponse = true
        message.header.responseCode = code
        message.header.isTruncated = truncated
        return (try? message.encoded()) ?? []
    }

    @Test func serversTakeTurnsUntilTheDeadline() {
        var exchange = Self.exchange(servers: 2)
        #expect(Self.text(exchange.next(now: 0), exchange) == "192.0.2.1 UDP until 2")
        #expect(Self.text(exchange.expired(now: 2 * Self.second), exchange) == "192.0.2.2 UDP until 4")
        #expect(Self.text(exchange.expired(now: 4 * Self.second), exchange) == "192.0.2.1 UDP until 6")
        #expect(Self.text(exchange.expired(now: 6 * Self.second), exchange) == "192.0.2.2 UDP until 8")
        #expect(Self.text(exchange.expired(now: 9 * Self.second), exchange) == "192.0.2.1 UDP until 10")
        #expect(Self.text(exchange.expired(now: 10 * Self.second), exchange) == "error no usable reply")
        guard case .failure(let error) = exchange.result else { return }
        #expect(error.notes.map(\.description).first == "192.0.2.1:53 over UDP: no reply within 2 s")
        #expect(error.notes.map(\.description).last == "192.0.2.1:53 over UDP: no reply within 1 s")
    }

    @Test func triesAreCountedByServer() {
        var exchange = Self.exchange(servers: 1)
        var steps = [Self.text(exchange.next(now: 0), exchange)]
        for _ in 0..<3 { steps.append(Self.text(exchange.failed(.endedEarly, now: 0), exchange)) }
        #expect(steps == Array(repeating: "192.0.2.1 UDP until 2", count: 3) + ["error no usable reply"])
    }

    @Test func anErrorCodeIsKeptAndItsServerNotAskedAgain() {
        var exchange = Self.exchange(servers: 3, first: 1)
        #expect(Self.text(exchange.next(now: 0), exchange) == "192.0.2.2 UDP until 2")
        #expect(Self.receive(Self.reply(.serverFailure), &exchange) == "192.0.2.3 UDP until 2")
        #expect(Self.receive(Self.reply(.refused), &exchange) == "192.0.2.1 UDP until 2")
        #expect(Self.text(exchange.expired(now: 0), exchange) == "192.0.2.1 UDP until 2")
        #expect(Self.text(exchange.expired(now: 0), exchange) == "192.0.2.1 UDP until 2")
        #expect(Self.text(exchange.expired(now: 0), exchange) == "answer SERVFAIL")
    }

    @Test func fallbacksAreNoTries() {
        var exchange = Self.exchange(servers: 1)
        _ = exchange.next(now: 0)
        #expect(Self.receive(Self.reply(truncated: true), &exchange) == "192.0.2.1 TCP until 2")
        #expect(Self.receive(Self.reply(.formatError), &exchange) == "192.0.2.1 TCP until 2")
        #expect(Self.receive(Self.reply(.formatError), &exchange) == "answer FORMERR")
    }

    @Test func strangersAreNotAnswered() {
        var exchange = Self.exchange(servers: 1)
        _ = exchange.next(now: 0)
        for octets in [
            [], Array(Self.reply().prefix(11)), Array(Self.reply().prefix(20)), [UInt8](repeating: 0xFF, count: 40),
        ] {
            #expect(Self.receive(octets, &exchange) == "nothing")
        }
        #expect(Self.receive(Self.reply(), &exchange) == "answer NOERROR")
    }

    @Test func withoutServersThereIsNothingToAsk() {
        var exchange = Self.exchange(servers: 0)
        #expect(Self.text(exchange.next(now: 0), exchange) == "error there is no server to ask")
    }

    /// Damaged replies get a step or none, and never stop the process.
    @Test func damageIsHarmless() {
        var generator = SplitMix(state: 42)
        var message = Message(id: 0, question: question, edns: EDNS())
        message.header.isResponse = true
        message.answer = [try! Record(record), try! Record("www.example.test. 60 IN HINFO a b")]
        let whole = (try? message.encoded()) ?? []
        for _ in 0..<20_000 {
            var octets = whole
            for _ in 0..<(generator.next() % 4) {
                octets[Int(generator.next() % UInt64(octets.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            var exchange = Self.exchange(servers: 1)
            _ = exchange.next(now: 0)
            Self.receive(Array(octets.prefix(Int(generator.next() % UInt64(octets.count + 1)))), &exchange)
        }
    }

    @Test func timersComeInOrder() {
        var generator = SplitMix(state: 7)
        var timers = Timers()
        let moments = (0..<1_000).map { _ in Int(generator.next() % 500) }
        for moment in moments { timers.add(.init(moment: moment, flight: 1, attempt: 1)) }
        #expect(timers.next == moments.min())
        var popped: [Int] = []
        while let entry = timers.pop(now: 249) { popped.append(entry.moment) }
        #expect(popped == moments.filter { $0 < 250 }.sorted())
        while let entry = timers.pop(now: 500) { popped.append(entry.moment) }
        #expect(popped == moments.sorted() && timers.next == nil)
    }
}

/// A generator that repeats itself.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
