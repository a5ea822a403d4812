/// Records that other programs read: SPF (RFC 7208), DMARC (RFC 7489), CAA (RFC 8659), SVCB and HTTPS (RFC 9460).
extension ZoneAudit {
    func checkTexts(
        _ set: borrowing ZoneIndex.Entries, of number: Int, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let isPolicyName = hasLabel("_dmarc", Int(index.nodes[number].name), records)
        var hasSPF = false
        var hasDMARC = false
        for position in 0..<set.count {
            let entry = set[position]
            checkQuotes(of: entry, records, &pass)
            let data = records.data(entry)
            guard isPolicyName || data.count > 2 && data.u16(1) | 0x2000 == 0x763D else { continue }
            let text = TextPolicy.text(data)
            let kind = TextPolicy.kind(text)
            if kind == .spf {
                let fault =
                    hasSPF ? "a name must have one SPF record; with two, neither counts" : TextPolicy.faultOfSPF(data)
                if let fault { pass.problems.report(.spf, at: entry, part: .data(0), fault) }
                let lookups = TextPolicy.lookups(text)
                if lookups > 10 {
                    pass.problems.report(
                        .spfLookups, at: entry, part: .data(0),
                        "this SPF record alone needs \(lookups) look-ups, and receivers make 10 (RFC 7208 §4.6.4)")
                }
                hasSPF = true
            } else if isPolicyName {
                var fault: String?
                if kind != .dmarc {
                    fault = "a DMARC record must begin with v=DMARC1;"
                } else if hasDMARC {
                    fault = "a name must have one DMARC record; with two, neither counts"
                } else {
                    fault = TextPolicy.faultOfDMARC(text)
                }
                if let fault { pass.problems.report(.dmarc, at: entry, part: .data(0), fault) }
                if kind == .dmarc { hasDMARC = true }
            } else if kind == .dmarc, !isBelowPolicyName(number, records) {
                let name = records.name(of: index.nodes[number])
                pass.problems.report(
                    .dmarc, at: entry, part: .data(0), "a DMARC record for \(name) is looked for at _dmarc.\(name)")
            }
        }
    }

    /// What became of text whose quotation marks are missing.
    private func checkQuotes(of entry: Int, _ records: ZoneRecords, _ pass: inout Pass) {
        let data = records.data(entry)
        guard data.count > 0 else { return }
        let isOne = Int(data.u8(0)) + 1 == data.count
        // A word with = is a list of values, most likely, of which the next begin behind a semicolon.
        if isOne, !(1..<data.count).contains(where: { data.u8($0) == 0x3D }) { return }
        let (_, text, start) = zone.source(of: records.entries[entry])
        guard let words = EntryWords(text, from: start), let last = words.data.last,
            words.data.allSatisfy({ $0.kind == .word }), text[words.data[0].start] != 0x5C
        else { return }
        if last.end < text.count, text[last.end] == 0x3B {
            pass.problems.report(
                .txtComment, at: entry, part: .data(words.data.count - 1),
                "the text ends here: without quotation marks, ; begins a comment")
        } else if !isOne {
            pass.problems.report(
                .txtUnquoted, at: entry, part: .data(1),
                "these are \(words.data.count) strings, which programs join without blanks between them")
        }
    }

    private func hasLabel(_ label: StaticString, _ start: Int, _ records: ZoneRecords) -> Bool {
        let wanted = "\(label)".utf8
        return Int(records.octets.u8(start)) == wanted.count
            && wanted.enumerated().allSatisfy { ASCII.folded(records.octets.u8(start + 1 + $0.offset)) == $0.element }
    }

    /// `NAME._report._dmarc` holds permissions (RFC 7489 §7.1).
    private func isBelowPolicyName(_ number: Int, _ records: ZoneRecords) -> Bool {
        var above = Int(index.parents[number])
        while above != ZoneIndex.apex {
            if hasLabel("_dmarc", Int(index.nodes[above].name), records) { return true }
            above = Int(index.parents[above])
        }
        return false
    }

    private static let properties = [
        "issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone",
    ]

    func checkAuthorization(_ entry: Int, _ records: ZoneRecords, _ pass: inout Pass) {
        let data = records.data(entry)
        guard data.count >= 2, 2 + Int(data.u8(1)) <= data.count else { return }
        let (flags, end) = (data.u8(0), 2 + Int(data.u8(1)))
        let tag = TextPolicy.string(data, 2..<end).lowercased()
        let value = TextPolicy.string(data, end..<data.count)
        if flags & 0x7F != 0 {
            pass.problems.report(.caa, at: entry, part: .data(0), "CAA flags must be 0, or 128 for critical")
        }
        if !Self.properties.contains(tag) {
            let critical = flags & 0x80 != 0 ? ", and as it is critical nobody issues a certificate" : ""
            let suggestion = Suggestion.text(for: tag, among: Self.properties)
            pass.problems.report(
                .caa, at: entry, part: .data(1), "no CA knows the property \(tag)\(critical)\(suggestion)")
        } else if tag == "iodef" {
            if !["mailto:", "http://", "https://"].contains(where: value.lowercased().hasPrefix) {
                pass.problems.report(
                    .caa, at: entry, part: .data(2), "CAA iodef must be a URL: mailto:, http:// or https://")
            }
        } else if tag.hasPrefix("issue") {
            let domain = value.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
            let isDomain = domain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy { $0 == 0x2D || ASCII.isDigit($0) || 0x61...0x7A ~= $0 | 0x20 }
            }
            if !domain.isEmpty, !isDomain {
                pass.problems.report(
                    .caa, at: entry, part: .data(2),
                    "CAA \(tag) must be the CA's domain, without a dot at its end, or \";\" for none")
            }
        }
    }

    /// RFC 9460 §2.4.1 and §2.4.2.
    func checkServices(
        _ set: borrowing ZoneIndex.Entries, of number: Int, _ records: ZoneRecords, _ pass: inout Pass
    ) {
        let type = records.entries[set[0]].type
        let owner = index.nodes[number]
        var hasServices = false
        for position in 0..<set.count where records.data(set[position]).u16(0) > 0 { hasServices = true }
        for position in 0..<set.count where records.data(set[position]).u16(0) == 0 {
            let entry = set[position]
            let data = records.data(entry)
            let count = data.nameCount(at: 2)
            let target = Int(records.entries[entry].data) + 2
            if hasServices || set.count > 1 {
                pass.problems.report(
                    .svcb, at: entry, part: .data(0),
                    "in alias mode (priority 0) a record must be the only one of its name")
            } else if count == Int(owner.nameCount), records.isSame(target, Int(owner.name), count: count) {
                pass.problems.report(.svcb, at: entry, part: .data(1), "this \(type) record is an alias of itself")
            } else if data.count > 2 + count {
                pass.problems.report(
                    .svcb, at: entry, part: .data(2), "parameters are not looked at in alias mode (priority 0)")
            }
        }
    }
}

/// The rules of text records.
enum TextPolicy {
    enum Kind { case spf, dmarc, other }

    /// The strings joined, as programs read them.
    static func text(_ data: Octets) -> String {
        strings(data).joined()
    }

    private static func strings(_ data: Octets) -> [String] {
        var strings: [String] = []
        var offset = 0
        while offset < data.count {
            let end = min(offset + 1 + Int(data.u8(offset)), data.count)
            strings.append(string(data, (offset + 1)..<end))
            offset = end
        }
        return strings
    }

    static func string(_ data: Octets, _ range: Range<Int>) -> String {
        String(decoding: range.map { data.u8($0) }, as: UTF8.self)
    }

    static func kind(_ text: String) -> Kind {
        let lower = text.prefix(9).lowercased()
        if lower.hasPrefix("v=spf1") {
            // v=spf10 is another version.
            return lower.dropFirst(6).first.map { !ASCII.isDigit($0.utf8.first ?? 0) } ?? true ? .spf : .other
        }
        return lower.hasPrefix("v=dmarc1") ? .dmarc : .other
    }

    private static let mechanisms = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]

    private static func terms(_ text: String) -> [Substring] {
        text.split(separator: " ").dropFirst().map { $0 }
    }

    /// The name of a term, lower case, and what follows it.
    private static func parts(_ term: Substring) -> (name: String, rest: Substring) {
        let bare = term.first.map { "+-?~".contains($0) } ?? false ? term.dropFirst() : term
        let name = bare.prefix { $0 != ":" && $0 != "/" && $0 != "=" }
        return (name.lowercased(), bare.dropFirst(name.count))
    }

    static func lookups(_ text: String) -> Int {
        terms(text).count { ["include", "a", "mx", "ptr", "exists", "redirect"].contains(parts($0).name) }
    }

    /// What RFC 7208 §4.6 and §5 forbid.
    static func faultOfSPF(_ data: Octets) -> String? {
        let strings = strings(data)
        let text = strings.joined()
        if text.utf8.count > 6, text.utf8.dropFirst(6).first != 0x20 { return "v=spf1 must be followed by a blank" }
        for (left, right) in zip(strings, strings.dropFirst()) where !left.hasSuffix(" ") && !right.hasPrefix(" ") {
            let begins = right.split(separator: " ").first.map { parts($0) }
            if let begins, mechanisms.contains(begins.name),
                right.first.map({ "+-?~".contains($0) }) ?? false
                    || begins.rest.first == ":"
            {
                return "strings are joined without a blank, so that one is missing before \(right.prefix(20))"
            }
        }
        var isBehindAll = false
        for term in terms(text) {
            let (name, rest) = parts(term)
            if rest.first == "=" { continue }
            let value = rest.dropFirst()
            guard mechanisms.contains(name) else {
                return "\(name) is no SPF mechanism\(Suggestion.text(for: name, among: mechanisms))"
            }
            if isBehindAll { return "\(term) stands behind all and is never reached" }
            if name == "all" { isBehindAll = true }
            if ["include", "exists"].contains(name), rest.first != ":" || value.isEmpty {
                return "\(name) must be followed by a colon and a domain"
            }
            if name == "ip4" || name == "ip6", !isNetwork(value, name) || rest.first != ":" {
                return
                    "\(name) must be followed by a colon and an IPv\(name.dropFirst(2)) address or network, not \(value)"
            }
        }
        return nil
    }

    private static func isNetwork(_ value: Substring, _ name: String) -> Bool {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        let text = Array((parts.first ?? "").utf8)
        let octets = Octets(text.span)
        let isAddress =
            name == "ip4"
            ? IPv4Address.value(octets, 0..<text.count) != nil : IPv6Address.value(octets, 0..<text.count) != nil
        let prefix = parts.count == 2 ? Int(parts[1]).map { 0...(name == "ip4" ? 32 : 128) ~= $0 } ?? false : true
        return isAddress && prefix && parts.count <= 2
    }

    /// What RFC 7489 §6.3 and §6.4 forbid.
    static func faultOfDMARC(_ text: String) -> String? {
        var values: [String: String] = [:]
        for tag in text.split(separator: ";") {
            let parts = tag.split(separator: "=", maxSplits: 1).map { String($0.filter { $0 != " " && $0 != "\t" }) }
            if parts.isEmpty || parts == [""] { continue }
            guard parts.count == 2 else { return "\(parts[0]) must be a tag, = and a value" }
            values[parts[0].lowercased()] = parts[1]
        }
        for (tag, isNeeded) in [("p", true), ("sp", false)] {
            let value = values[tag]?.lowercased()
            if value == nil, !isNeeded { continue }
            guard let value, ["none", "quarantine", "reject"].contains(value) else {
                return "DMARC \(tag) must be none, quarantine or reject"
            }
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
