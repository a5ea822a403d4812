/// The ASCII form of labels (RFC 3492).
enum Punycode {
    private static let base = 36
    private static let (tMin, tMax) = (1, 26)
    private static let firstDelta = 700
    private static let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
    /// Where the characters that are not ASCII begin.
    private static let firstCode = 128
    /// No label has more characters.
    private static let limit = 63

    /// Nil where the result would be no label.
    static func encode(_ label: [Unicode.Scalar]) -> String? {
        guard label.count <= limit else { return nil }
        var output = label.filter(\.isASCII).map { UInt8($0.value) }
        let plain = output.count
        if plain > 0 { output.append(0x2D) }
        var (code, delta, bias, handled) = (firstCode, 0, 72, plain)
        while handled < label.count {
            guard let next = label.map({ Int($0.value) }).filter({ $0 >= code }).min() else { return nil }
            delta += (next - code) * (handled + 1)
            code = next
            for scalar in label {
                if scalar.value < code { delta += 1 }
                guard Int(scalar.value) == code else { continue }
                append(delta, bias, to: &output)
                bias = adapted(delta, handled + 1, isFirst: handled == plain)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return output.count + 4 <= limit ? String(decoding: output, as: UTF8.self) : nil
    }

    private static func append(_ delta: Int, _ bias: Int, to output: inout [UInt8]) {
        var rest = delta
        var place = base
        while true {
            let threshold = min(max(place - bias, tMin), tMax)
            if rest < threshold { break }
            output.append(digits[threshold + (rest - threshold) % (base - threshold)])
            rest = (rest - threshold) / (base - threshold)
            place += base
        }
        output.append(digits[rest])
    }

    /// Nil where it is not punycode in lower case, or too long for a label.
    static func decode(_ text: Substring) -> [Unicode.Scalar]? {
        let octets = Array(text.utf8)
        guard octets.count <= limit else { return nil }
        let hyphen = octets.lastIndex(of: 0x2D)
        var label = octets[..<(hyphen ?? 0)].map { Unicode.Scalar($0) }
        guard label.allSatisfy(\.isASCII) else { return nil }
        var index = hyphen.map { $0 + 1 } ?? 0
        var (code, position, bias) = (firstCode, 0, 72)
        while index < octets.count {
            let before = position
            var (weight, place) = (1, base)
            while true {
                guard index < octets.count, let digit = digits.firstIndex(of: octets[index]) else { return nil }
                index += 1
                position += digit * weight
                // Before anything can overflow.
                guard position < 1 << 40, weight < 1 << 40 else { return nil }
                let threshold = min(max(place - bias, tMin), tMax)
                if digit < threshold { break }
                weight *= base - threshold
                place += base
            }
            bias = adapted(position - before, label.count + 1, isFirst: before == 0)
            code += position / (label.count + 1)
            position %= label.count + 1
            guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else { return nil }
            label.insert(scalar, at: position)
            position += 1
        }
        return label
    }

    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / firstDelta : delta / 2
        delta += delta / count
        var place = 0
        while delta > (base - tMin) * tMax / 2 {
            delta /= base - tMin
            place += base
        }
        return place + (base - tMin + 1) * delta / (delta + 38)
    }
}
