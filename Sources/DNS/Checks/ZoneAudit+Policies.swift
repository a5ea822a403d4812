/// Records that other programs read: SPF (RFC 7208), DMARC (RFC 7489), CAA (RFC 8659), SVCB and HTTPS (RFC 9460).
extension ZoneAudit {
    mutating func checkTexts(_ set: borrowing ZoneIndex.Entries, of number: Int) {
        let owner = index.nodes[number]
        let isPolicyName = hasLabel("_dmarc", Int(owner.name))
        var (hasSPF, hasDMARC) = (false, false)
        for position in 0..<set.count {
            let entry = set[position]
            checkQuotes(of: entry)
            let data = records.data(entry)
            guard isPolicyName || data.count > 2 && data.u16(1) | 0x2000 == 0x763D else { continue }
            let policy = TextPolicy(data)
            let fault: String?
            switch policy.kind {
            case .spf:
                fault =
                    hasSPF ? "a name must have one SPF record; with two, neither counts" : policy.faultOfSPF
                hasSPF = true
                if policy.lookups > 10 {
                    problems.report(
                        .spfLookups, at: entry, part: .data(0),
                        "this SPF record alone needs \(policy.lookups) look-ups, and receivers make 10 (RFC 7208 §4.6.4)"
                    )
                }
            case .dmarc where isPolicyName:
                fault =
                    hasDMARC ? "a name must have one DMARC record; with two, neither counts" : policy.faultOfDMARC
                hasDMARC = true
            case .dmarc where !isBelowPolicyName(number):
                fault =
                    "a DMARC record for \(records.name(of: owner)) is looked for at _dmarc.\(records.name(of: owner))"
            case .dmarc: fault = nil
            case .other: fault = isPolicyName ? "a DMARC record must begin with v=DMARC1;" : nil
            }
            if let fault { problems.report(policy.kind == .spf ? .spf : .dmarc, at: entry, part: .data(0), fault) }
        }
    }

    /// What became of text whose quotation marks are missing.
    private mutating func checkQuotes(of entry: Int) {
        let data = records.data(entry)
        guard data.count > 0 else { return }
        let isOne = Int(data.u8(0)) + 1 == data.count
        // A word with = is a list of values, most likely, of which the next begin behind a semicolon.
        if isOne, !(1..<data.count).contains(where: { data.u8($0) == 0x3D }) { return }
        let (_, text, start) = zone.source(of: records.entries[entry])
        guard let words = EntryWords(text, from: start)?.data, let last = words.last,
            words.allSatisfy({ $0.kind == .word }), text[words[0].start] != 0x5C
        else { return }
        if last.end < text.count, text[last.end] == 0x3B {
            problems.report(
                .txtComment, at: entry, part: .data(words.count - 1),
                "the text ends here: without quotation marks, ; begins a comment")
        } else if !isOne {
            problems.report(
                .txtUnquoted, at: entry, part: .data(1),
                "these are \(words.count) strings, which programs join without blanks between them")
        }
    }

    private func hasLabel(_ label: StaticString, _ start: Int) -> Bool {
        let (wanted, octets) = ("\(label)".utf8, records.octets)
        return Int(octets.u8(start)) == wanted.count
            && wanted.enumerated().allSatisfy { ASCII.folded(octets.u8(start + 1 + $0.offset)) == $0.element }
    }

    /// `NAME._report._dmarc` holds permissions (RFC 7489 §7.1).
    private func isBelowPolicyName(_ number: Int) -> Bool {
        var above = Int(index.parents[number])
        while above != ZoneIndex.apex {
            if hasLabel("_dmarc", Int(index.nodes[above].name)) { return true }
            above = Int(index.parents[above])
        }
        return false
    }

    private static let properties = [
        "issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone",
    ]

    mutating func checkAuthorization(_ entry: Int) {
        let data = records.data(entry)
        guard data.count >= 2, 2 + Int(data.u8(1)) <= data.count else { return }
        let (flags, end) = (data.u8(0), 2 + Int(data.u8(1)))
        let tag = TextPolicy.string(data, 2..<end).lowercased()
        let value = TextPolicy.string(data, end..<data.count)
        if flags & 0x7F != 0 {
            problems.report(.caa, at: entry, part: .data(0), "CAA flags must be 0, or 128 for critical")
        }
        if !Self.properties.contains(tag) {
            let critical = flags & 0x80 != 0 ? ", and as it is critical nobody issues a certificate" : ""
            let suggestion = Suggestion.text(for: tag, among: Self.properties)
            problems.report(.caa, at: entry, part: .data(1), "no CA knows the property \(tag)\(critical)\(suggestion)")
        } else if tag == "iodef" {
            if ["mailto:", "http://", "https://"].contains(where: value.lowercased().hasPrefix) { return }
            problems.report(.caa, at: entry, part: .data(2), "CAA iodef must be a URL: mailto:, http:// or https://")
        } else if tag.hasPrefix("issue") {
            let domain = value.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
            let isDomain = domain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy { $0 == 0x2D || ASCII.isDigit($0) || 0x61...0x7A ~= $0 | 0x20 }
            }
            if domain.isEmpty || isDomain { return }
            problems.report(
                .caa, at: entry, part: .data(2),
                "CAA \(tag) must be the CA's domain, without a dot at its end, or \";\" for none")
        }
    }

    /// RFC 9460 §2.4.1 and §2.4.2.
    mutating func checkServices(_ set: borrowing ZoneIndex.Entries, of number: Int) {
        let owner = index.nodes[number]
        for position in 0..<set.count where records.data(set[position]).u16(0) == 0 {
            let entry = set[position]
            let data = records.data(entry)
            let count = data.nameCount(at: 2)
            let target = Int(records.entries[entry].data) + 2
            if set.count > 1 {
                problems.report(
                    .svcb, at: entry, part: .data(0),
                    "in alias mode (priority 0) a record must be the only one of its name")
            } else if count == Int(owner.nameCount), records.isSame(target, Int(owner.name), count: count) {
                problems.report(
                    .svcb, at: entry, part: .data(1), "this \(records.entries[entry].type) record is an alias of itself"
                )
            } else if data.count > 2 + count {
                problems.report(
                    .svcb, at: entry, part: .data(2), "parameters are not looked at in alias mode (priority 0)")
            }
        }
    }
}
