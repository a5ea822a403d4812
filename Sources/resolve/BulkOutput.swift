import DNS
import DNSClient
import Linux

/// The results of a bulk lookup as JSON lines, in the order of the questions, and what they come to.
struct BulkOutput: ~Copyable {
    private let output: Output
    private let isInOrder: Bool
    private var json = MessageJSON()
    /// Whole lines that are not yet written.
    private var text: [UInt8] = []
    private var line: [UInt8] = []
    /// Places in the output are counted from 0. What is there before what stands before it waits, at its place modulo
    /// the limit.
    private var waiting: [[UInt8]?]
    private var waitingOctets = 0
    /// The input's line of each place, and the place of each question.
    private var lines: [Int]
    private var places: [Int]
    /// The next place to be taken, the next one to be printed, and the next question.
    private var begun = 0
    private var printed = 0
    private var questions = 0
    private var server: (address: SocketAddress, text: [UInt8])?

    private(set) var codes = [Int](repeating: 0, count: 1 << 12)
    private(set) var unanswered = 0
    private(set) var badLines = 0
    private(set) var overTCP = 0
    /// Lines whose results are printed.
    private(set) var linesDone: Int
    private(set) var failure: Failure?

    private static let blockSize = 64 << 10
    private static let waitingLimit = 256 << 10
    private static let waitingOctetsLimit = 64 << 20

    init(_ output: Output, isInOrder: Bool, skip: Int) {
        self.output = output
        self.isInOrder = isInOrder
        linesDone = skip
        waiting = Array(repeating: nil, count: Self.waitingLimit)
        lines = Array(repeating: 0, count: Self.waitingLimit)
        places = lines
    }

    /// Whether there is room for the result of one more question.
    var hasRoom: Bool { begun - printed < Self.waitingLimit && waitingOctets < Self.waitingOctetsLimit }
    /// Questions that have a result.
    var finished: Int { codes.reduce(unanswered, +) }

    /// Takes the place for a question.
    mutating func begin(line number: Int) {
        places[questions % Self.waitingLimit] = begun
        questions += 1
        takePlace(number)
    }

    private mutating func takePlace(_ number: Int) {
        lines[begun % Self.waitingLimit] = number
        begun += 1
    }

    mutating func bad(line number: Int, _ error: String) {
        badLines += 1
        let own = JSON.object([.init("line", .number(number)), .init("error", FindingJSON.text(error))])
        line = Array((JSON.object([.init("resolve", own)]).text + "\n").utf8)
        takePlace(number)
        put(at: begun - 1)
    }

    mutating func add(_ result: BulkResult, _ octets: Span<UInt8>) throws(WireError) {
        line.removeAll(keepingCapacity: true)
        line.append(0x7B)
        if octets.isEmpty {
            unanswered += 1
            json.print(result.question, into: &line)
        } else {
            codes[Int(try json.print(octets, to: result.question, into: &line).rawValue)] += 1
            if result.provenance.transport == .tcp { overTCP += 1 }
        }
        append(result.provenance, hasReply: !octets.isEmpty)
        put(at: places[result.number % Self.waitingLimit])
    }

    /// Puts the line behind the one before it, or where it waits for that.
    private mutating func put(at place: Int) {
        if place == printed || !isInOrder { text += line }
        if place != printed {
            waiting[place % Self.waitingLimit] = isInOrder ? line : []
            waitingOctets += isInOrder ? line.count : 0
        } else {
            advance()
            while let next = waiting[printed % Self.waitingLimit] {
                text += next
                waitingOctets -= next.count
                waiting[printed % Self.waitingLimit] = nil
                advance()
                flushBlock()
            }
        }
        flushBlock()
    }

    private mutating func advance() {
        linesDone = lines[printed % Self.waitingLimit]
        printed += 1
    }

    private mutating func flushBlock() {
        if text.count >= Self.blockSize { flush() }
    }

    /// Writes the lines that are there.
    mutating func flush() {
        if text.isEmpty || failure != nil { return }
        do throws(Failure) {
            try output.write(octets: text)
        } catch {
            failure = error
        }
        text.removeAll(keepingCapacity: true)
    }
}

// MARK: Parts of lines

extension BulkOutput {
    /// Our own member, the end of the object and of the line.
    private mutating func append(_ provenance: Provenance, hasReply: Bool) {
        line += "\"resolve\":{".utf8
        if !hasReply { line += "\"error\":\"no usable reply\",".utf8 }
        if server?.address != provenance.server {
            server = (provenance.server, Array("\"\(provenance.server)\"".utf8))
        }
        if provenance.attempts == 0 {
            // Nobody was asked: the name is special.
            line += "\"server\":null,\"transport\":null".utf8
        } else {
            line += "\"server\":".utf8
            line += server?.text ?? []
            line += (provenance.transport == .udp ? ",\"transport\":\"UDP\"" : ",\"transport\":\"TCP\"").utf8
        }
        line += ",\"milliseconds\":".utf8
        let microseconds = Int(provenance.duration / .microseconds(1))
        Self.append(microseconds / 1_000, to: &line)
        line.append(0x2E)
        for unit in [100, 10, 1] { line.append(0x30 + UInt8(microseconds / unit % 10)) }
        line += ",\"tries\":".utf8
        Self.append(provenance.attempts, to: &line)
        line += ",\"notes\":".utf8
        line += (provenance.notes.isEmpty ? "[]" : FindingJSON.notes(provenance.notes).text).utf8
        line += "}}\n".utf8
    }

    private static func append(_ number: Int, to text: inout [UInt8]) {
        if number >= 10 { append(number / 10, to: &text) }
        text.append(0x30 + UInt8(number % 10))
    }
}
