import CCallgrind
import DNS
import DNSServer
import Linux

/// Answers questions inside one process, to be timed or to be watched by callgrind:
///
///     micro count ZONES…          answers the questions on standard input; callgrind counts
///     micro retain ZONES…         the same, with a retain planted on the path `alone`
///     micro allocation ZONES…     or an allocation
///     micro time ZONES…           prints the nanoseconds of a query on the path `alone`
///     micro load ZONE-FILE        parses, checks and compiles a zone; callgrind counts
///     micro limit PAIRS           prints the nanoseconds that the rate limit takes for an answer
///
/// Each kind of question is answered on each of the three paths; the first also by a whole server. Callgrind's reports are named by the number of the
/// kind, and by twice that of the path, one more for the report with twice as many queries.
@main
enum Micro {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let paths = arguments.dropFirst()
        guard let mode = arguments.first, let path = paths.first else { throw Failure("usage: micro MODE PATH…") }
        if mode == "load" { return try load(path) }
        if mode == "limit" { return try limit(path) }
        let loading = ZoneDirectory(paths.map(ZonePath.init)).load(threads: 1)
        guard loading.isComplete else { throw Failure("not all of \(paths) can be loaded") }
        let questions = try Questions.read()
        var answering = Answering(loading.database, Plant(rawValue: mode) ?? .none)
        if mode == "time" { return time(questions, &answering) }
        count(questions, &answering)
        if mode == "count" { try countServer(questions[0], loading.database) }
    }

    private static func count(_ kinds: [Questions], _ answering: inout Answering) {
        var response = [UInt8](repeating: 0, count: Message.maximumCount)
        callgrind_begin()
        for (number, questions) in kinds.enumerated() {
            for path in Path.allCases {
                // The first time around, what is made once is made.
                let count = answering.answer(questions, times: questions.round, on: path, into: &response)
                print(questions.kind, path, questions.round, count, outcome(of: response, count), separator: "\t")
                for part in 0...1 {
                    callgrind_forget()
                    _ = answering.answer(questions, times: questions.round * (part + 1), on: path, into: &response)
                    callgrind_report(Int32(number), Int32(path.rawValue * 2 + part))
                }
            }
        }
    }

    private static func countServer(_ questions: Questions, _ database: Database) throws {
        var response = [UInt8](repeating: 0, count: Message.maximumCount)
        let asking = try Asking(database)
        let count = try asking.ask(questions, times: questions.round, into: &response)
        print(questions.kind, "server", questions.round, count, outcome(of: response, count), separator: "\t")
        for part in 0...1 {
            callgrind_forget()
            _ = try asking.ask(questions, times: questions.round * (part + 1), into: &response)
            callgrind_report(0, Int32(Path.allCases.count * 2 + part))
        }
    }

    private static func time(_ kinds: [Questions], _ answering: inout Answering) {
        var response = [UInt8](repeating: 0, count: Message.maximumCount)
        for questions in kinds {
            func nanoseconds(_ times: Int) -> Double {
                let start = Clock.nanoseconds
                _ = answering.answer(questions, times: times, on: .alone, into: &response)
                return Double(Clock.nanoseconds - start) / Double(times)
            }
            let rounds = max(1, Int(sampleNanoseconds / nanoseconds(questions.round)) / questions.round)
            let samples = (0..<sampleCount).map { _ in nanoseconds(questions.round * rounds) }
            print(questions.kind, samples.sorted()[sampleCount / 2], separator: "\t")
        }
    }

    private static let sampleCount = 15
    private static let sampleNanoseconds = 2e6

    /// Judges answers about so many pairs of client and answer in turn, an answer in a microsecond.
    private static func limit(_ pairs: String) throws {
        guard let pairs = UInt64(pairs), pairs > 0 else { throw Failure("usage: micro limit PAIRS") }
        let limiter = RateLimiter(answersASecond: 100, slip: 2)
        var random: UInt64 = 1
        var verdicts = (sent: 0, others: 0)
        let samples = (0..<sampleCount).map { sample in
            let start = Clock.nanoseconds
            for number in 0..<answersASample {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pair = (random >> 32 &* pairs) >> 32
                let now = UInt64(sample) * answersASample + number
                switch limiter.judge(0xFFFF_0A00_0000 + UInt128(pair << 4), pair, at: now) {
                case .send: verdicts.sent += 1
                case .slip, .drop: verdicts.others += 1
                }
            }
            return Double(Clock.nanoseconds - start) / Double(answersASample)
        }
        print(pairs, samples.sorted()[sampleCount / 2], verdicts.sent, verdicts.others, separator: "\t")
    }

    private static let answersASample: UInt64 = 1_000_000

    /// Reports parsing, then parsing, checking and compiling.
    private static func load(_ path: String) throws {
        let octets = try File.read(path, limit: Limits.zoneCount).octets
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let origin = try Name(String(file.dropLast(".zone".count)))
        func parse() -> Zone { ZoneParser.parse(path: path, origin: origin) { _ in .success(octets) }.zone }
        callgrind_begin()
        callgrind_forget()
        let count = parse().recordCount
        callgrind_report(0, 0)
        let loaded = ZoneLoader.load(path: path, origin: origin, seed: 1) { _ in .success(octets) }
        callgrind_report(0, 1)
        guard loaded.zone != nil else { throw Failure("\(path) cannot be loaded") }
        print(count)
    }
}
