import DNS
import DNSClient

/// dig's words that begin with a plus sign, as the options that they are here.
extension Lookup {
    private typealias Switch = @Sendable (inout Lookup, Bool) -> Void

    /// Those that are on, or off behind `no`.
    private static let switches: [String: Switch] = [
        "short": { $0.format = $1 ? .short : .full },
        "json": { $0.format = $1 ? .json : .full },
        "tcp": { $0.tcp = $1 }, "vc": { $0.tcp = $1 },
        "dnssec": { $0.dnssec = $1 }, "do": { $0.dnssec = $1 },
        "recurse": { $0.noRecurse = !$1 }, "rec": { $0.noRecurse = !$1 }, "rdflag": { $0.noRecurse = !$1 },
        "aaflag": { $0.authoritative = $1 }, "aaonly": { $0.authoritative = $1 },
        "adflag": { $0.authenticData = $1 }, "ad": { $0.authenticData = $1 },
        "cdflag": { $0.checkingDisabled = $1 }, "cd": { $0.checkingDisabled = $1 },
        "ignore": { $0.udp = $1 },
        "cookie": { $0.noCookie = !$1 },
        "zflag": { $0.reserved = $1 }, "tcflag": { $0.truncated = $1 }, "raflag": { $0.recursionAvailable = $1 },
        "edns": { $0.noEDNS = !$1 },
        "nsid": { $0.nsid = $1 },
        "expire": { if $1 { $0.ednsOption.append("expire") } },
        "keepalive": { if $1 { $0.ednsOption.append("keepalive") } },
        "search": { $0.search = $1 },
        // The block of RFC 8467 §4.1.
        "padding": { $0.padding = $1 ? 128 : nil }, "alignment": { $0.padding = $1 ? 128 : nil },
        "proxy": { $0.proxy = $1 ? "local" : nil },
        "trace": { $0.trace = $1 },
        "idn": { $0.idn = $1 }, "idnout": { $0.idn = $1 }, "idnin": { if !$1 { $0.idn = false } },
        "qr": { $0.shown.query = $1 },
        "unknownformat": { $0.shown.generic = $1 }, "generic": { $0.shown.generic = $1 },
        "ttlunits": { $0.shown.seconds = !$1 },
        "ttl": { $0.shown.showTTL = $1 }, "ttlid": { $0.shown.showTTL = $1 },
        "multiline": { $0.shown.multiline = $1 }, "crypto": { $0.shown.hidesOctets = !$1 },
        "class": { $0.shown.showClass = $1 }, "cl": { $0.shown.showClass = $1 },
        "answer": { $0.shown.answer = $1 },
        "authority": { $0.shown.authority = $1 },
        "additional": { $0.shown.additional = $1 },
        "question": { $0.shown.headline = $1 },
        "comments": { $0.shown.comments = $1 },
        "stats": { $0.shown.statistics = $1 },
        "all": {
            ($0.shown.headline, $0.shown.answer, $0.shown.authority, $0.shown.additional) = ($1, $1, $1, $1)
            ($0.shown.comments, $0.shown.statistics) = ($1, $1)
        },
        "color": { $0.noColor = !$1 },
    ]

    /// Those that change nothing that is shown here, with `no` before them or without: it is so anyway, or is a matter of
    /// layout.
    private static let harmless: Set<String> = [
        "cmd", "rrcomments", "split", "onesoa", "keepopen", "besteffort", "defname", "identify", "mapped", "badcookie",
    ]

    /// Those that are so only behind `no`.
    private static let unneeded: Set<String> = ["showsearch", "yaml", "header-only", "nssearch"]

    /// Those that have a value; behind `no` it is taken back.
    private static let valued: [String: @Sendable (inout Lookup) -> Void] = [
        "bufsize": { $0.payloadSize = nil }, "ednsflags": { $0.ednsFlags = nil }, "ednsopt": { $0.ednsOption = [] },
        "subnet": { $0.subnet = nil }, "opcode": { $0.opcode = nil }, "qid": { $0.id = nil },
        "time": { $0.timeout = nil }, "timeout": { $0.timeout = nil }, "tries": { $0.tries = nil },
        "retry": { $0.tries = nil }, "domain": { $0.domain = [] }, "ndots": { $0.ndots = nil },
    ]

    /// Takes dig's words out of the others.
    mutating func applyHabits() throws(Failure) {
        let written = words
        for word in written where word.hasPrefix("+") {
            let parts = word.dropFirst().lowercased().split(separator: "=", maxSplits: 1)
            guard let name = parts.first.map(String.init) else { throw Self.unknown(word) }
            let base = String(name.dropFirst(2))
            if parts.count == 2 || word.hasSuffix("=") {
                try apply(habit: word, name, value: parts.count == 2 ? String(parts[1]) : "")
            } else if let change = Self.switches[name] {
                change(&self, true)
            } else if Self.harmless.contains(name) {
                continue
            } else if Self.valued[name] != nil {
                throw .usage("a value is missing: +\(name)=")
            } else if !name.hasPrefix("no") {
                throw Self.unknown(word)
            } else if let change = Self.switches[base] {
                change(&self, false)
            } else if let reset = Self.valued[base] {
                reset(&self)
            } else if !Self.harmless.contains(base), !Self.unneeded.contains(base) {
                throw Self.unknown(word)
            }
        }
        words.removeAll { $0.hasPrefix("+") }
    }

    private static func unknown(_ word: String) -> Failure {
        let name = String(word.dropFirst().prefix { $0 != "=" })
        let known = switches.keys.sorted() + switches.keys.sorted().map { "no\($0)" } + valued.keys.sorted()
        let hint = Suggestion.text(for: name, among: known).replacing("mean ", with: "mean +")
        return .usage("\(word) is not understood\(hint)")
    }

    private mutating func apply(habit word: String, _ name: String, value: String) throws(Failure) {
        func number<Number: FixedWidthInteger>(_ type: Number.Type) throws(Failure) -> Number {
            let number = value.hasPrefix("0x") ? Number(value.dropFirst(2), radix: 16) : Number(value)
            guard let number else { throw .usage("\(word): a number up to \(type.max) must follow +\(name)=") }
            return number
        }
        switch name {
        case "bufsize", "bufsiz": payloadSize = try number(UInt16.self)
        case "edns": ednsVersion = try number(UInt8.self)
        case "ednsflags": ednsFlags = try number(UInt16.self)
        case "padding", "alignment": padding = Int(try number(UInt16.self))
        case "ndots": ndots = Int(try number(UInt8.self))
        case "subnet", "client": subnet = value
        case "cookie": cookie = value
        case "ednsopt": ednsOption.append(value)
        case "opcode": opcode = value
        case "proxy": proxy = value
        case "split": break
        case "qid": id = try number(UInt16.self)
        case "domain": domain.append(value)
        case "time", "timeout": timeout = value
        case "tries", "retry":
            guard let number = Int(value), 0...Limits.tries ~= number else {
                throw .usage("\(word): a number up to \(Limits.tries) must follow +\(name)=")
            }
            tries = name == "retry" ? number + 1 : number
        default: throw Self.unknown(word)
        }
    }
}
