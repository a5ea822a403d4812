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
    private let defaults: [RecordType]
    private let recordClass: RecordClass
    /// What was read and is not yet taken stands from `position` to `end`.
    private var octets = [UInt8](repeating: 0, count: blockSize)
    private var position = 0
    private var end = 0
    private var isAtEnd = false
    /// Lines so far.
    private(set) var line = 0
    private var skipped: Int
    /// The further types of the line's name.
    private var name = Name.root
    private var types: ArraySlice<RecordType> = []

    private static let blockSize = 256 << 10
    private static let longestLine = 4_096

    private let sendsOnion: Bool
    private static let onion = try? Name("onion")

    init(
        _ file: consuming InputFile, skip: Int, defaults: [RecordType], recordClass: RecordClass, sendsOnion: Bool
    ) {
        self.sendsOnion = sendsOnion
        self.file = file
        skipped = skip
        self.defaults = defaults
        self.recordClass = recordClass
    }

    mutating func next() -> Item {
        while true {
            if let type = types.popFirst() { return .question(Question(name, type, recordClass), line: line) }
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
            line += 1
            if line <= skipped { continue }
            if range.count > Self.longestLine {
                return .bad(line: line, error: "a line must have at most \(Self.longestLine) octets")
            }
            if let error = take(range) { return .bad(line: line, error: error) }
        }
    }

    /// The octets of the next whole line.
    private mutating func nextLine() -> Range<Int>? {
        let start = position
        var newline = start
        while newline < end, octets[newline] != 0x0A { newline += 1 }
        // A line as long as the buffer is too long in any case; what follows of it counts as another.
        guard newline < end || (isAtEnd || end - start == octets.count) && newline > start else { return nil }
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

    /// Takes the words of a line; what is wrong with it.
    private mutating func take(_ range: Range<Int>) -> String? {
        var words = octets[range].split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }[...]
        guard let first = words.popFirst(), first.first != 0x23 else { return nil }
        var asked = defaults
        do throws(NameError) {
            if let address = Self.address(first) {
                name = Name(reverseOf: address)
                asked = [.ptr]
            } else {
                name = try Name(text: octets.span.extracting(first.startIndex..<first.endIndex))
            }
        } catch {
            return "\(String(decoding: first, as: UTF8.self)) is not a name: \(error)"
        }
        if !sendsOnion, let onion = Self.onion, name.isSubdomain(of: onion) {
            return "names below onion are not sent to the system's servers (RFC 7686)"
        }
        if !words.isEmpty { asked = [] }
        for word in words {
            let text = String(decoding: word, as: UTF8.self)
            guard let type = RecordType(text) else { return "\(text) is not a record type" }
            guard type != .axfr, type != .ixfr else { return "\(text) is a transfer" }
            asked.append(type)
        }
        types = asked[...]
        return nil
    }

    private static func address(_ word: ArraySlice<UInt8>) -> SocketAddress? {
        guard let last = word.last, 0x30...0x39 ~= last || word.contains(0x3A) else { return nil }
        return SocketAddress(host: String(decoding: word, as: UTF8.self), port: 0)
    }
}
