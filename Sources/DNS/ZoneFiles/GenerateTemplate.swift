/// `first-last` or `first-last/step`.
struct GenerateRange {
    var first: Int
    var last: Int
    var step: Int
    var steps: Int { (last - first) / step + 1 }

    init(_ text: Octets, _ token: Token) throws(SyntaxError) {
        let slash = token.range.first { text.u8($0) == 0x2F } ?? token.end
        let dash = (token.start..<slash).first { text.u8($0) == 0x2D } ?? slash
        guard let first = text.number(token.start..<dash), dash < slash, let last = text.number((dash + 1)..<slash),
            first <= last, let step = slash < token.end ? text.number((slash + 1)..<token.end) : 1, step > 0
        else {
            throw SyntaxError(
                "a range must be as in 1-100 or 1-100/5: from one number to another that is not below it, with a step"
                    + " of at least 1",
                token.range)
        }
        (self.first, self.last, self.step) = (first, last, step)
    }
}

/// Text with places for a number: `$`, or `${offset,width,base}`.
struct GenerateTemplate {
    private enum Piece {
        /// Up to this octet of `literals`.
        case literal(end: Int)
        /// The base as the letter that stands for it.
        case number(offset: Int, width: Int, base: UInt8)
    }

    private var literals: [UInt8] = []
    private var pieces: [Piece] = []

    mutating func append(literal octet: UInt8) {
        literals.append(octet)
        if case .literal = pieces.last { pieces.removeLast() }
        pieces.append(.literal(end: literals.count))
    }

    /// Appends what a token says; `first` is the lowest number that it will be expanded with.
    mutating func append(_ text: Octets, _ token: Token, from first: Int) throws(SyntaxError) {
        var position = token.start
        while position < token.end {
            let octet = text.u8(position)
            position += 1
            if octet == 0x5C, position < token.end {
                // An escape stays one: \$ is read as $ later.
                append(literal: octet)
                append(literal: text.u8(position))
                position += 1
            } else if octet != 0x24 {
                append(literal: octet)
            } else if position < token.end, text.u8(position) == 0x24 {
                append(literal: octet)
                position += 1
            } else if position < token.end, text.u8(position) == 0x7B {
                try appendNumber(text, &position, before: token.end, from: first)
            } else {
                pieces.append(.number(offset: 0, width: 0, base: UInt8(ascii: "d")))
            }
        }
    }

    /// `{offset}`, `{offset,width}` or `{offset,width,base}`.
    private mutating func appendNumber(
        _ text: Octets, _ position: inout Int, before end: Int, from first: Int
    ) throws(SyntaxError) {
        let start = position - 1
        guard let close = (position..<end).first(where: { text.u8($0) == 0x7D }) else {
            throw SyntaxError("${ must be closed by }", start..<(start + 2))
        }
        var fields: [Range<Int>] = []
        var field = position + 1
        for place in field...close where place == close || text.u8(place) == 0x2C {
            fields.append(field..<place)
            field = place + 1
        }
        let range = start..<(close + 1)
        let base = fields.count < 3 ? UInt8(ascii: "d") : fields[2].count == 1 ? text.u8(fields[2].lowerBound) : 0
        guard fields.count <= 3, let offset = text.signedNumber(fields[0]),
            let width = fields.count > 1 ? text.number(fields[1]) : 0, width <= Limits.generateWidth,
            "doxXnN".utf8.contains(base)
        else {
            throw SyntaxError(
                "must be ${offset}, ${offset,width} or ${offset,width,base} with a width of at most"
                    + " \(Limits.generateWidth) and a base of d, o, x, X, n or N",
                range)
        }
        if first + offset < 0 { throw SyntaxError("a number plus its offset must not be below 0", range) }
        pieces.append(.number(offset: offset, width: width, base: base))
        position = close + 1
    }

    func expand(_ number: Int, into text: inout [UInt8]) {
        var start = 0
        for piece in pieces {
            switch piece {
            case .literal(let end):
                text.append(contentsOf: literals[start..<end])
                start = end
            case .number(let offset, let width, let base):
                Self.print(number + offset, width, base, into: &text)
            }
        }
    }
}

extension GenerateTemplate {
    private static func print(_ value: Int, _ width: Int, _ base: UInt8, into text: inout [UInt8]) {
        let isUpper = base & 0x20 == 0
        switch base | 0x20 {
        case UInt8(ascii: "n"): appendNibbles(value, width, uppercase: isUpper, to: &text)
        case UInt8(ascii: "x"): append(String(value, radix: 16, uppercase: isUpper), width, to: &text)
        case UInt8(ascii: "o"): append(String(value, radix: 8), width, to: &text)
        default: append(String(value), width, to: &text)
        }
    }

    private static func append(_ digits: String, _ width: Int, to text: inout [UInt8]) {
        for _ in 0..<max(0, width - digits.utf8.count) { text.append(0x30) }
        text.append(contentsOf: digits.utf8)
    }

    /// The digits from the lowest on with points between them, as names in ip6.arpa have them. The width counts
    /// the points too.
    private static func appendNibbles(_ value: Int, _ width: Int, uppercase: Bool, to text: inout [UInt8]) {
        let end = text.count + width
        var value = value
        while true {
            text.append(contentsOf: String(value & 15, radix: 16, uppercase: uppercase).utf8)
            value >>= 4
            if value == 0, text.count >= end { return }
            text.append(0x2E)
            if value == 0, text.count >= end { return }
        }
    }
}

extension Octets {
    /// A decimal number of at most 2^31 − 1.
    fileprivate func number(_ range: Range<Int>) -> Int? {
        decimal(range, maximum: UInt64(Int32.max)).map { Int(truncatingIfNeeded: $0) }
    }

    fileprivate func signedNumber(_ range: Range<Int>) -> Int? {
        let sign = range.isEmpty ? 0 : u8(range.lowerBound)
        guard sign == 0x2B || sign == 0x2D else { return number(range) }
        return number(range.dropFirst()).map { sign == 0x2D ? -$0 : $0 }
    }
}
