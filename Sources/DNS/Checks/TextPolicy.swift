/// What a TXT record says to mail servers, and whether they can make use of it.
struct TextPolicy {
    enum Kind { case spf, dmarc, other }

    let kind: Kind
    private let strings: [String]
    /// The strings joined, as programs read them.
    private let text: String

    init(_ data: Octets) {
        var strings: [String] = []
        var offset = 0
        while offset < data.count {
            let end = min(offset + 1 + Int(data.u8(offset)), data.count)
            strings.append(Self.string(data, (offset + 1)..<end))
            offset = end
        }
        self.strings = strings
        text = strings.joined()
        let start = text.prefix(9).lowercased()
        if start.hasPrefix("v=spf1") {
            // v=spf10 is another version.
            kind = ASCII.isDigit(start.utf8.dropFirst(6).first ?? 0) ? .other : .spf
        } else {
            kind = start.hasPrefix("v=dmarc1") ? .dmarc : .other
        }
    }

    static func string(_ data: Octets, _ range: Range<Int>) -> String {
        String(decoding: range.map { data.u8($0) }, as: UTF8.self)
    }

    // MARK: SPF

    private static let mechanisms = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]

    private var terms: ArraySlice<Substring> { text.split(separator: " ").dropFirst() }

    /// The name of a term, lower case, and what follows it.
    private static func parts(_ term: Substring) -> (name: String, rest: Substring) {
        let bare = isQualified(term) ? term.dropFirst() : term
        let name = bare.prefix { $0 != ":" && $0 != "/" && $0 != "=" }
        return (name.lowercased(), bare.dropFirst(name.count))
    }

    private static func isQualified(_ term: Substring) -> Bool { term.first.map("+-?~".contains) ?? false }

    var lookups: Int {
        terms.count { ["include", "a", "mx", "ptr", "exists", "redirect"].contains(Self.parts($0).name) }
    }

    /// What RFC 7208 §4.6 and §5 forbid.
    var faultOfSPF: String? {
        if text.utf8.count > 6, text.utf8.dropFirst(6).first != 0x20 { return "v=spf1 must be followed by a blank" }
        for (left, right) in zip(strings, strings.dropFirst()) where !left.hasSuffix(" ") && !right.hasPrefix(" ") {
            guard let (name, rest) = right.split(separator: " ").first.map(Self.parts) else { continue }
            if Self.mechanisms.contains(name), Self.isQualified(right[...]) || rest.first == ":" {
                return "strings are joined without a blank, so that one is missing before \(right.prefix(20))"
            }
        }
        var isBehindAll = false
        for term in terms {
            let (name, rest) = Self.parts(term)
            if rest.first == "=" { continue }
            let value = rest.dropFirst()
            guard Self.mechanisms.contains(name) else {
                return "\(name) is no SPF mechanism\(Suggestion.text(for: name, among: Self.mechanisms))"
            }
            if isBehindAll { return "\(term) stands behind all and is never reached" }
            if name == "all" { isBehindAll = true }
            if ["include", "exists"].contains(name), rest.first != ":" || value.isEmpty {
                return "\(name) must be followed by a colon and a domain"
            }
            if name == "ip4" || name == "ip6", !Self.isNetwork(value, name) || rest.first != ":" {
                return
                    "\(name) must be followed by a colon and an IPv\(name.dropFirst(2)) address or network, not \(value)"
            }
        }
        return nil
    }

    private static func isNetwork(_ value: Substring, _ name: String) -> Bool {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        let text = Array((parts.first ?? "").utf8)
        let (octets, range) = (Octets(text.span), 0..<text.count)
        let isAddress =
            name == "ip4" ? IPv4Address.value(octets, range) != nil : IPv6Address.value(octets, range) != nil
        let prefix = parts.count == 2 ? Int(parts[1]).map { 0...(name == "ip4" ? 32 : 128) ~= $0 } ?? false : true
        return isAddress && prefix && parts.count <= 2
    }

    // MARK: DMARC

    /// What RFC 7489 §6.3 and §6.4 forbid.
    var faultOfDMARC: String? {
        var values: [String: String] = [:]
        for tag in text.split(separator: ";") {
            let parts = tag.split(separator: "=", maxSplits: 1).map { String($0.filter { $0 != " " && $0 != "\t" }) }
            if parts.isEmpty || parts == [""] { continue }
            guard parts.count == 2 else { return "\(parts[0]) must be a tag, = and a value" }
            values[parts[0].lowercased()] = parts[1]
        }
        for tag in ["p", "sp"] where !["none", "quarantine", "reject"].contains((values[tag] ?? "").lowercased()) {
            if tag == "p" || values[tag] != nil { return "DMARC \(tag) must be none, quarantine or reject" }
        }
        if let share = values["pct"], Int(share).map({ 0...100 ~= $0 }) != true {
            return "DMARC pct must be from 0 to 100"
        }
        for tag in ["rua", "ruf"] {
            for target in (values[tag] ?? "").split(separator: ",") where !target.lowercased().hasPrefix("mailto:") {
                return "DMARC \(tag) must be mailto: and an address, not \(target)"
            }
        }
        return nil
    }
}
