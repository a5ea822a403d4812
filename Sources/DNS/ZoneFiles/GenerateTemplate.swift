/// `first-last` or `first-last/step`.
struct GenerateRange {
    var first: Int
    var last: Int
    var step: Int
    var steps: Int { (last - first) / step + 1 }

    init(_ text: Octets, _ token: Token) throws(SyntaxError) {
        var position = token.start
        let error = SyntaxError(
            "a range must be as in 1-100 or 1-100/5: from one number to another that is not below it, with a step"
                + " of at least 1",
            token.range)
        guard let first = text.number(&position, before: token.end), position < token.end,
            text.u8(position) == 0x2D
        else { throw error }
        position += 1
        guard let last = text.number(&position, before: token.end), first <= last else { throw error }
        step = 1
        if position < token.end, text.u8(position) == 0x2F {
            position += 1
            guard let step = text.number(&position, before: token.end), step > 0 else { throw error }
            self.step = step
        }
        if position != token.end { throw error }
        self.first = first
        self.last = last
    }
}

/// Text with places for a number: `$`, or `${offset,width,base}`.
struct GenerateTemplate {
    enum Base {
        case decimal, octal, hexadecimal, upperHexadecimal, nibbles, upperNibbles
    }

    private enum Piece {
        /// Up to this octet of `literals`.
        case literal(end: Int)
        case number(offset: Int, width: Int, base: Base)
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
                pieces.append(.number(offset: 0, width: 0, base: .decimal))
            }
        }
    }

    /// `{offset}`, `{offset,width}` or `{offset,width,base}`.
    private mutating func appendNumber(
        _ text: Octets, _ position: inout Int, before end: Int, from first: Int
    ) throws(SyntaxError) {
        let start = position - 1
        position += 1
        guard let close = text.position(of: 0x7D, from: position, before: end) else {
            throw SyntaxError("${ must be closed by }", start..<(start + 2))
        }
        let range = start..<(close + 1)
        let error = SyntaxError(
            "must be ${offset}, ${offset,width} or ${offset,width,base} with a width of at most"
                + " \(Limits.generateWidth) and a base of d, o, x, X, n or N",
            range)
        guard let offset = text.signedNumber(&position, before: close) else { throw error }
        var width = 0
        var base = Base.decimal
        if position < close {
            guard text.skip(0x2C, &position), let number = text.number(&position, before: close),
                number <= Limits.generateWidth
            else { throw error }
            width = number
        }
        if position < close {
            guard text.skip(0x2C, &position), position == close - 1, let known = Base(text.u8(position)) else {
                throw error
            }
            base = known
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
                base.print(number + offset, width: width, into: &text)
            }
        }
    }
}

extension GenerateTemplate.Base {
    fileprivate init?(_ octet: UInt8) {
        switch octet {
        case 0x64: self = .decimal
        case 0x6F: self = .octal
        case 0x78: self = .hexadecimal
        case 0x58: self = .upperHexadecimal
        case 0x6E: self = .nibbles
        case 0x4E: self = .upperNibbles
        default: return nil
        }
    }

    fileprivate func print(_ value: Int, width: Int, into text: inout [UInt8]) {
        switch self {
        case .decimal: append(String(value), width, to: &text)
        case .octal: append(String(value, radix: 8), width, to: &text)
        case .hexadecimal: append(String(value, radix: 16), width, to: &text)
        case .upperHexadecimal: append(String(value, radix: 16, uppercase: true), width, to: &text)
        case .nibbles: appendNibbles(value, width, uppercase: false, to: &text)
        case .upperNibbles: appendNibbles(value, width, uppercase: true, to: &text)
        }
    }

    private func append(_ digits: String, _ width: Int, to text: inout [UInt8]) {
        for _ in 0..<max(0, width - digits.utf8.count) { text.append(0x30) }
        text.append(contentsOf: digits.utf8)
    }

    /// The digits from the lowest on with points between them, as names in ip6.arpa have them. The width counts
    /// the points too.
    private func appendNibbles(_ value: Int, _ width: Int, uppercase: Bool, to text: inout [UInt8]) {
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
    /// A decimal number of at most 2^31 − 1 at `position`, which moves behind it.
    fileprivate func number(_ position: inout Int, before end: Int) -> Int? {
        var number = 0
        let start = position
        while position < end, ASCII.isDigit(u8(position)) {
            number = number * 10 + Int(u8(position) - 0x30)
            if number > Int(Int32.max) { return nil }
            position += 1
        }
        return position > start ? number : nil
    }

    fileprivate func signedNumber(_ position: inout Int, before end: Int) -> Int? {
        if position < end, skip(0x2D, &position) { return number(&position, before: end).map { -$0 } }
        if position < end { _ = skip(0x2B, &position) }
        return number(&position, before: end)
    }

    fileprivate func skip(_ octet: UInt8, _ position: inout Int) -> Bool {
        guard u8(position) == octet else { return false }
        position += 1
        return true
    }

    fileprivate func position(of octet: UInt8, from start: Int, before end: Int) -> Int? {
        var position = start
        while position < end {
            if u8(position) == octet { return position }
            position += 1
        }
        return nil
    }
}
