/// A value of JSON (RFC 8259), for output that programs read and for the requests that they make. Numbers are integers;
/// thousandths are printed only.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Int)
    /// 1 is 0.001.
    case thousandths(Int)
    case string(String)
    case array([JSON])
    /// In the order in which it is printed.
    case object([Member])

    /// A name and its value in an object.
    public struct Member: Hashable, Sendable {
        public let name: String
        public let value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The first member of an object with that name; nil where there is none, or no object.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    public var number: Int? {
        if case .number(let number) = self { number } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let array) = self { array } else { nil }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringInterpolation {
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map(Member.init)) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(stringLiteral value: String) { self = .string(value) }
}

// MARK: Printing

extension JSON {
    /// On one line, without blanks. Control characters are escaped, so that no line ends early and no terminal is harmed.
    public var text: String {
        var text = ""
        print(to: &text)
        return text
    }

    private func print(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let bool): text += bool ? "true" : "false"
        case .number(let number): text += "\(number)"
        case .thousandths(let number):
            text +=
                "\(number < 0 ? "-" : "")\(number.magnitude / 1_000).\(String(1_000 + number.magnitude % 1_000).dropFirst())"
        case .string(let string): Self.quote(string, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.print(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.quote(member.name, to: &text)
                text += ":"
                member.value.print(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

// MARK: Parsing

extension JSON {
    /// Arrays and objects inside each other.
    private static let largestDepth = 16

    /// Reads one value and nothing behind it. Nil where the text is no JSON, or beyond what we make use of: a number that
    /// is no integer of 64 bits, or values 16 deep. Whoever calls bounds the size.
    public init?(parsing text: some Sequence<UInt8>) {
        var reader = Reader(octets: Array(text))
        guard let value = reader.value(depth: 0), reader.next() == nil else { return nil }
        self = value
    }

    private struct Reader {
        let octets: [UInt8]
        var position = 0

        /// The next octet that is no blank, which stays.
        mutating func next() -> UInt8? {
            while position < octets.count {
                let octet = octets[position]
                guard octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D else { return octet }
                position += 1
            }
            return nil
        }

        mutating func take(_ text: String) -> Bool {
            _ = next()
            guard octets[position...].starts(with: text.utf8) else { return false }
            position += text.utf8.count
            return true
        }

        mutating func value(depth: Int) -> JSON? {
            switch next() {
            case UInt8(ascii: "{"): list("{", "}", depth, member).map(JSON.object)
            case UInt8(ascii: "["): list("[", "]", depth) { $0.value(depth: $1) }.map(JSON.array)
            case UInt8(ascii: "\""): string().map(JSON.string)
            case UInt8(ascii: "t"): take("true") ? .bool(true) : nil
            case UInt8(ascii: "f"): take("false") ? .bool(false) : nil
            case UInt8(ascii: "n"): take("null") ? .null : nil
            default: number()
            }
        }

        private mutating func list<Element>(
            _ open: String, _ close: String, _ depth: Int,
            _ element: (inout Reader, _ depth: Int) -> Element?
        ) -> [Element]? {
            guard depth < largestDepth, take(open) else { return nil }
            var elements: [Element] = []
            if take(close) { return elements }
            repeat {
                guard let next = element(&self, depth + 1) else { return nil }
                elements.append(next)
            } while take(",")
            return take(close) ? elements : nil
        }

        private func member(_ reader: inout Reader, _ depth: Int) -> Member? {
            guard let name = reader.string(), reader.take(":"), let value = reader.value(depth: depth) else {
                return nil
            }
            return Member(name, value)
        }

        private mutating func number() -> JSON? {
            let start = position
            while position < octets.count,
                ASCII.isDigit(octets[position]) || position == start && octets[position] == 0x2D
            {
                position += 1
            }
            let digits = octets[start..<position]
            // A number does not begin with a zero, unless it is one.
            guard digits.first != 0x30 || digits.count == 1 else { return nil }
            return Int(String(decoding: digits, as: UTF8.self)).map(JSON.number)
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            var string: [UInt8] = []
            while position < octets.count {
                let octet = octets[position]
                position += 1
                switch octet {
                case UInt8(ascii: "\""): return String(validating: string, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let scalar = escaped() else { return nil }
                    string += Array(String(scalar).utf8)
                case 0..<0x20: return nil
                default: string.append(octet)
                }
            }
            return nil
        }

        private mutating func escaped() -> Unicode.Scalar? {
            guard position < octets.count else { return nil }
            let octet = octets[position]
            position += 1
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(octet)
            case UInt8(ascii: "b"): return "\u{8}"
            case UInt8(ascii: "f"): return "\u{C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"):
                guard let unit = codeUnit() else { return nil }
                guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(unit) }
                // The first half of a character beyond 16 bits.
                guard octets[position...].starts(with: [0x5C, 0x75]) else { return nil }
                position += 2
                guard let low = codeUnit(), low & 0xFC00 == 0xDC00 else { return nil }
                return Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
            default: return nil
            }
        }

        private mutating func codeUnit() -> UInt32? {
            let digits = octets[position...].prefix(4)
            guard digits.count == 4, digits.allSatisfy({ ASCII.isDigit($0) || (0x61...0x66).contains($0 | 0x20) })
            else {
                return nil
            }
            position += 4
            return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        }
    }
}
