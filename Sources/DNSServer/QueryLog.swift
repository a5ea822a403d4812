import DNS
import Linux
import Logging

/// Lines of JSON on their way to a file, one a query, as far as there is room for those that the file does not take.
struct QueryLog: Sendable {
    private let file: AppendedFile
    private let limit: Int
    private let logger: Logger
    private var lines: [UInt8] = []
    /// Lines that there was no room for, or that could not be written.
    private(set) var lost = 0
    /// Of them and the workers', those that the log tells of, and those that it will have told of with `lines`.
    private var told: Int
    private var telling: Int?
    private var isFull = false
    private var hasFailed = false
    /// Where the last octet that was written is not the end of a line.
    private var isWithinLine = false
    /// The text of a second, which most lines share with the one before.
    private var second = (number: 0, text: "")

    private static let pieceSize = 1 << 16

    /// - Parameter lostBefore: lines that workers had no room for so far.
    init(_ file: AppendedFile, limit: Int, lostBefore: Int, _ logger: Logger) {
        self.file = file
        self.limit = limit
        self.logger = logger
        told = lostBefore
    }

    mutating func append(_ query: QueryRecord) {
        if lines.count >= Self.pieceSize && !isFull { write() }
        if lines.count >= limit {
            lost += 1
            return
        }
        let number = query.time / 1_000_000
        if number != second.number { second = (number, Clock.timestamp(number)) }
        append(query.line(timestamp: second.text))
    }

    private mutating func append(_ line: JSON) {
        // What was begun before an error cannot be finished.
        if lines.isEmpty && isWithinLine { lines.append(0x0A) }
        lines += Array(line.text.utf8)
        lines.append(0x0A)
    }

    /// Writes what the file takes now, and tells what was lost.
    /// - Parameter lostBefore: lines that workers had no room for so far.
    mutating func flush(lostBefore: Int) {
        let all = lost + lostBefore
        if all > told, telling == nil, lines.count < limit, !hasFailed || !lines.isEmpty {
            append(["time": .string(Clock.timestamp()), "lost": .number(all - told)])
            telling = all
        }
        if !lines.isEmpty { write() }
    }

    private mutating func write() {
        var offset = 0
        var failure: SystemError?
        do throws(SystemError) {
            try file.write(lines, from: &offset)
        } catch {
            failure = error
        }
        if offset > 0 { isWithinLine = lines[offset - 1] != 0x0A }
        lines.removeFirst(offset)
        if let failure {
            if !hasFailed { logger.error("\(failure); lines of the query log are lost") }
            // At the beginning only the end of a line before can stand by itself.
            lost += max(0, lines.dropFirst().count { $0 == 0x0A } - (telling == nil ? 0 : 1))
            telling = nil
            lines = []
        } else if lines.isEmpty, let all = telling {
            told = all
            telling = nil
        }
        hasFailed = failure != nil
        isFull = !lines.isEmpty
    }
}
