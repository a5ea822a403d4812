/// One version of a zone, as far as its serial is concerned.
public struct ZoneEdition: Hashable, Sendable {
    /// As the file has it.
    public let serial: SerialNumber
    /// A number that differs between sets of records, whatever their order and the serial; the same in each process.
    public let digest: UInt64
    /// Whether the comment `; minidns: auto-serial` stands beside the SOA record.
    public let asksForSerials: Bool
    /// Why it must not get another serial; nil where it may.
    public let objection: String?
}

/// What becomes of a zone's serial.
public enum SerialDecision: Sendable {
    case asWritten
    case asWrittenWithWarning(String)
    /// The zone is served with this one.
    case instead(SerialNumber)
    /// The zone cannot be served.
    case refused(String)
}

extension Zone {
    /// The number of the SOA record's entry; nil where the apex has none.
    var startOfAuthority: Int? {
        entries.firstIndex { $0.type == .soa && owner(of: $0) == origin }
    }

    func edition(startOfAuthority index: Int, _ work: ZoneWork) -> ZoneEdition? {
        let entry = entries[index]
        guard let soa = SOA(RecordData(validated: Array(data(of: entry)), type: .soa)) else { return nil }
        return ZoneEdition(
            serial: soa.serial, digest: digest(startOfAuthority: index, work),
            asksForSerials: asksForSerials(at: index),
            objection: serialObjection)
    }

    func asksForSerials(at startOfAuthority: Int) -> Bool {
        let (_, text, start) = source(of: entries[startOfAuthority])
        return Scanner.hasRemark("auto-serial", in: text, at: start)
    }

    /// Why the SOA record must not get another serial: records at the apex vouch for it as it is.
    var serialObjection: String? {
        entries.first { ($0.type == .rrsig || $0.type == .zonemd) && owner(of: $0) == origin }
            .map { "auto-serial cannot change this SOA, for which \($0.type) at the apex vouches" }
    }

    /// Writes another serial into the SOA record: the first of five numbers at its end (RFC 1035 §3.3.13).
    mutating func set(_ serial: SerialNumber, startOfAuthority index: Int) {
        let place = serialPlace(index)
        for octet in 0..<4 {
            octets[place + octet] = UInt8(truncatingIfNeeded: serial.value >> UInt32(24 - 8 * octet))
        }
    }

    private func serialPlace(_ index: Int) -> Int {
        Int(entries[index].data) + Int(entries[index].dataCount) - 20
    }

    /// The sum over all records, so that neither their order nor the number of pieces counts.
    private func digest(startOfAuthority index: Int, _ work: ZoneWork) -> UInt64 {
        let pieces = work.pieces(of: entries.count)
        let serial = serialPlace(index)
        return work.map(pieces) { piece in
            let records = ZoneRecords(self)
            var sum: UInt64 = 0
            var owner: (place: UInt32, hash: UInt64) = (.max, 0)
            for number in ZoneWork.range(piece, of: pieces, count: entries.count) {
                let entry = records.entries[number]
                if entry.owner != owner.place {
                    var end = Int(entry.owner)
                    while records.octets.u8(end) != 0 { end += Int(records.octets.u8(end)) + 1 }
                    owner = (entry.owner, records.octets.hash(Int(entry.owner), count: end - Int(entry.owner), 1))
                }
                var hash = mixed(owner.hash, UInt64(entry.type.rawValue) << 32 | UInt64(entry.ttl))
                let (start, end) = (Int(entry.data), Int(entry.data) + Int(entry.dataCount))
                if number == index {
                    hash = records.octets.hash(start, count: serial - start, hash)
                    hash = records.octets.hash(serial + 4, count: end - serial - 4, hash)
                } else {
                    hash = records.octets.hash(start, count: end - start, hash)
                }
                sum &+= mixed(hash, UInt64(entry.dataCount))
            }
            return sum
        }.reduce(0, &+)
    }
}

extension Scanner {
    /// Whether a comment in the lines of an entry says `minidns:` and then the word.
    fileprivate static func hasRemark(_ word: String, in text: [UInt8], at start: Int) -> Bool {
        var scanner = Scanner(text.span)
        scanner.skip(to: start)
        while let token = try? scanner.next(), token.kind != .end {}
        // The scanner stands at the end of the entry's last line, or behind it.
        let last = max(start, scanner.position - 1)
        let end = text[min(last, text.count)...].firstIndex(of: 0x0A) ?? text.count
        // Most have no comment.
        guard text[min(start, end)..<end].contains(0x3B) else { return false }
        return text[min(start, end)..<end].split(separator: 0x0A).contains { line in
            guard let comment = line.firstIndex(of: 0x3B) else { return false }
            let words = String(decoding: line[comment...].dropFirst(), as: UTF8.self)
                .split { $0 == " " || $0 == "\t" || $0 == ";" || $0 == "\r" }
            return words.firstIndex(of: "minidns:").map { words.dropFirst($0 + 1).first == word[...] } ?? false
        }
    }
}
