import DNS
import DNSClient
import DNSServer
import Linux
import TestSupport
import Testing

/// Fetching zones (RFC 5936): from a live server, and from servers that do it wrong.
struct TransferClientTests {
    private static let zone = try! Name("example.test")
    private static let soa = "example.test. 60 IN SOA ns.example.test. host.example.test. 7 60 60 60 60"
    private static let ns = "example.test. 60 IN NS ns.example.test."
    private static let text = "@ 60 SOA ns host 7 60 60 60 60\n@ 60 NS ns\nns 60 A 192.0.2.1\n"

    private static func options(timeout: Duration = .seconds(5)) -> TransferOptions {
        var options = TransferOptions()
        options.timeout = timeout
        options.deadline = .seconds(20)
        return options
    }

    private static func fetch(
        _ server: SocketAddress, _ options: TransferOptions = options()
    ) async -> (records: [Record], error: TransferError?) {
        var records: [Record] = []
        do throws(TransferError) {
            for try await batch in Transfer(of: zone, from: server, options: options) { records += batch.records }
            return (records, nil)
        } catch {
            return (records, error)
        }
    }

    @Test func fetchesAZone() async throws {
        let server = try RunningServer(origin: "example.test", Self.text)
        let fetched = await Self.fetch(server.address)
        #expect(fetched.error == nil)
        let expected = try [Self.soa, Self.ns, "ns.example.test. 60 IN A 192.0.2.1"].map { try Record($0) }
        #expect(fetched.records == expected)
    }

    @Test func fetchesALargeZoneInBatches() async throws {
        let server = try RunningServer(
            origin: "example.test", Self.text + "$GENERATE 1-20000 n$ 60 TXT \"number $\"\n")
        var batches = 0
        var records = 0
        for try await batch in Transfer(of: Self.zone, from: server.address, options: Self.options()) {
            #expect(batch.serial == SerialNumber(7))
            batches += 1
            records += batch.records.count
        }
        #expect(records == 20_003)
        #expect(batches > 10)
    }

    @Test func aReceiverThatWaitsGetsTheSame() throws {
        let server = try RunningServer(origin: "example.test", Self.text)
        var count = 0
        try Transfer(of: Self.zone, from: server.address).receive { batch in
            count += batch.records.count
            return true
        }
        #expect(count == 3)
    }

    @Test func aZoneThatIsNotThereIsAnError() async throws {
        let server = try RunningServer(origin: "other.test", Self.text)
        #expect(await Self.fetch(server.address).error == .responseCode(.notAuthoritative))
    }

    /// What a server answers, message by message, and what becomes of it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let messages: [[String]]
        let error: TransferError?
    }

    static let faults = [
        Fault(testDescription: "one record a message", messages: [[soa], [ns], [soa]], error: nil),
        Fault(testDescription: "an empty message", messages: [[soa, ns], [], [soa]], error: nil),
        Fault(testDescription: "no closing SOA record", messages: [[soa, ns]], error: .endedEarly),
        Fault(testDescription: "nothing in it", messages: [[]], error: .noSOA),
        Fault(testDescription: "no opening SOA record", messages: [[ns, soa]], error: .noSOA),
        Fault(
            testDescription: "another closing SOA record",
            messages: [[soa, soa.replacing(" 7 ", with: " 8 ")]], error: .changed),
        Fault(
            testDescription: "a foreign owner", messages: [[soa, "other.test. 60 IN A 192.0.2.1", soa]],
            error: .foreignRecord(try! Record("other.test. 60 IN A 192.0.2.1"))),
        Fault(
            testDescription: "a foreign class", messages: [[soa, "example.test. 60 CH TXT x", soa]],
            error: .foreignRecord(try! Record("example.test. 60 CH TXT x"))),
        Fault(
            testDescription: "an SOA record below the apex",
            messages: [[soa, soa.replacing("example.test. 60", with: "a.example.test. 60"), soa]],
            error: .foreignRecord(try! Record(soa.replacing("example.test. 60", with: "a.example.test. 60")))),
        Fault(testDescription: "records behind the end", messages: [[soa, ns, soa, ns]], error: .recordsBehindEnd),
    ]

    @Test(arguments: faults) func faultsAreErrors(_ fault: Fault) async throws {
        let server = try FakeServer { query in
            fault.messages.map { lines in
                .reply(query.response { $0.answer = lines.compactMap { try? Record($0) } })
            }
        }
        defer { server.stop() }
        #expect(await Self.fetch(server.address).error == fault.error)
    }

    @Test func aMessageToAnotherQueryIsAnError() async throws {
        let changes: [@Sendable (inout Message) -> Void] = [
            { $0.header.id &+= 1 }, { $0.header.isResponse = false }, { $0.header.isTruncated = true },
            { $0.questions = [Question($0.questions[0].name, .soa)] }, { $0.questions = [] },
        ]
        for change in changes {
            let server = try FakeServer { [.reply($0.response(answer: Self.soa, Self.soa, change: change))] }
            #expect(await Self.fetch(server.address).error == .unexpected)
            server.stop()
        }
    }

    @Test func aServerThatSaysNothingTimesOut() async throws {
        for reactions in [[FakeServer.Reaction.stayOpen], [.endless(milliseconds: 10)]] {
            let server = try FakeServer { _ in reactions }
            let options = Self.options(timeout: .milliseconds(200))
            #expect(await Self.fetch(server.address, options).error == .timedOut)
            server.stop()
        }
    }

    @Test func theSizeIsBounded() async throws {
        let server = try RunningServer(origin: "example.test", Self.text)
        var options = Self.options()
        options.sizeLimit = 50
        #expect(await Self.fetch(server.address, options).error == .tooLarge)
    }

    @Test func aCancelledTaskEndsTheTransfer() async throws {
        let server = try FakeServer { [.reply($0.response(answer: Self.soa)), .stayOpen] }
        defer { server.stop() }
        let address = server.address
        let task = Task { await Self.fetch(address, Self.options(timeout: .seconds(60))) }
        while server.queries.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value.error == .cancelled)
    }

    @Test func whoStopsAskingIsNotFollowed() async throws {
        let server = try FakeServer { query in
            [.reply(query.response(answer: Self.soa))] + (0..<20).map { _ in .reply(query.response(answer: Self.ns)) }
                + [.stayOpen]
        }
        defer { server.stop() }
        for try await batch in Transfer(of: Self.zone, from: server.address, options: Self.options()) {
            #expect(batch.records.count == 1)
            break
        }
    }
}
