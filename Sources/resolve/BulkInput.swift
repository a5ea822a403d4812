import DNS
import DNSClient
import Linux

/// The lines of a bulk lookup: `name [type ...]`. Blank lines and those that begin with # are passed over.
struct BulkInput: ~Copyable {
    enum Item {
        case question(Question, line: Int)
        case bad(line: Int, error: String)
        /// Nothing waits now.
        case later
        case end
        case failed(SystemError)
    }

    private let file: InputFile
    private let plan: Plan
    /// What was read and is not yet taken stands from `position` to `end`.
    private var octets = [UInt8](repeating: 0, count: blockSize)
    private var position = 0
    private var end = 0
    private var isAtEnd = false
    /// The line that was taken last goes on.
    private var isCut = false
    /// Lines so far.
    private var line = 0
    private let skipped: Int
    /// The further questions of the line.
    private var questions: ArraySlice<Question> = []

    private static let blockSize = 256 << 10
    private static let longestLine = 4_096

    init(_ file: consuming InputFile, _ plan: Plan, skip: Int) {
        self.file = file
        self.plan = plan
        skipped = skip
    }

    mutating func next() -> Item {
        while true {
            // A line is done with its last question.
            if let question = questions.popFirst() {
                return .question(question, line: questions.isEmpty ? line : line - 1)
            }
            let isRest = isCut
            guard let range = nextLine() else {
                if isAtEnd { return .end }
                guard file.isReady else { return .later }
                do throws(SystemError) {
                    try read()
                } catch {
                    return .failed(error)
                }
                continue
            }
            if isRest { continue }
            line += 1
            if line <= skipped { continue }
            if range.count > Self.longestLine {
                return .bad(line: line, error: "a line must have at most \(Self.longestLine) octets")
            }
            do throws(Failure) {
                questions = try read(octets[range])[...]
            } catch {
                return .bad(line: line, error: String(error.message.prefix { $0 != "\n" }))
            }
        }
    }

    /// The octets of the next whole line.
    private mutating func nextLine() -> Range<Int>? {
        let start = position
        var newline = start
        while newline < end, octets[newline] != 0x0A { newline += 1 }
        // A line as long as the buffer is too long in any case.
        guard newline < end || (isAtEnd || end - start == octets.count) && newline > start else { return nil }
        isCut = newline == end
        position = min(newline + 1, end)
        return start..<newline
    }

    private mutating func read() throws(SystemError) {
        if position > 0 {
            octets.replaceSubrange(0..<(end - position), with: octets[position..<end])
            (position, end) = (0, end - position)
        }
        let count = try file.read(into: &octets, from: end)
        isAtEnd = count == 0
        end += count
    }

    /// The questions of a line.
    private func read(_ line: ArraySlice<UInt8>) throws(Failure) -> [Question] {
        var words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }[...]
        guard let first = words.popFirst(), first.first != 0x23 else { return [] }
        let target = try target(first)
        if words.isEmpty { return plan.questions(for: target) }
        return try words.map { word throws(Failure) in
            let text = String(decoding: word, as: UTF8.self)
            guard let type = RecordType(text) else { throw .usage("\(text) is not a record type") }
            guard !Self.isTransfer(type) else { throw .usage("\(text) is a transfer") }
            return Question(target.name, type, plan.recordClass)
        }
    }

    static func isTransfer(_ type: RecordType) -> Bool { type == .axfr || type == .ixfr }

    private func target(_ word: ArraySlice<UInt8>) throws(Failure) -> Plan.Target {
        let isASCII = word.allSatisfy { $0 < 0x80 }
        if let last = word.last, 0x30...0x39 ~= last || word.contains(0x3A) {
            if let target = Plan.Target.reverse(String(decoding: word, as: UTF8.self)) { return target }
        }
        // Without a string for what need not be mapped.
        let octets = octets.span.extracting(word.startIndex..<word.endIndex)
        if isASCII, let name = try? Name(text: octets) { return Plan.Target(name: name) }
        return try plan.target(String(decoding: word, as: UTF8.self))
    }
}
