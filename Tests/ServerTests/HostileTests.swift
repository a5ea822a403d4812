import DNS
import DNSServer
import Linux
import TestSupport
import Testing

/// Octets that nobody sends in good faith; the same each time.
struct HostileTests {
    private struct Random {
        var state: UInt64

        mutating func next(below bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }

        mutating func octets(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(next(below: 256)) }
        }

        /// A query with some octets changed, cut or added.
        mutating func mutation(of query: [UInt8]) -> [UInt8] {
            var octets = query
            for _ in 0...next(below: 4) { octets[next(below: octets.count)] = UInt8(next(below: 256)) }
            if next(below: 4) == 0 { octets.removeLast(next(below: octets.count)) }
            if next(below: 4) == 0 { octets += self.octets(next(below: 40)) }
            return octets
        }
    }

    @Test func datagrams() throws {
        let running = try RunningServer(workers: 2)
        let client = try running.datagrams()
        var random = Random(state: 4711)
        for number in 0..<5_000 {
            let octets =
                number % 2 == 0
                ? random.mutation(of: RunningServer.query()) : random.octets(random.next(below: 1_500))
            try client.send(octets)
            // Replies are taken, so that the server never finds no room for them.
            while try client.receive(milliseconds: 0) != nil {}
        }
        for size in [4_096, 4_097, 9_000, 65_507] {
            try client.send(RunningServer.query() + [UInt8](repeating: 0, count: size - RunningServer.query().count))
        }
        #expect(try running.isServing())
    }

    @Test func streams() throws {
        let running = try RunningServer()
        var random = Random(state: 1_234)
        for number in 0..<300 {
            let client = try running.stream()
            var octets: [UInt8] = []
            for _ in 0...random.next(below: 20) {
                octets +=
                    number % 2 == 0
                    ? StreamClient.frame(random.mutation(of: RunningServer.query()))
                    : random.octets(random.next(below: 3_000))
            }
            // In pieces, wherever they end; then gone, with or without reading.
            var sent = 0
            while sent < octets.count {
                let count = min(octets.count - sent, 1 + random.next(below: 700))
                try client.send(Array(octets[sent..<sent + count]))
                sent += count
            }
            if random.next(below: 2) == 0 { _ = client.receive(milliseconds: 1) }
        }
        #expect(try running.isServing())
    }
}
