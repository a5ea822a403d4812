import DNSClient

extension Lookup {
    private static let known = "+short, +tcp, +dnssec, +norecurse, +bufsize=N, +noedns, +time=N, +tries=N, +retry=N"

    /// Takes dig's words out of the others.
    mutating func applyHabits() throws(Failure) {
        let written = words
        for word in written where word.hasPrefix("+") { try apply(habit: word) }
        words.removeAll { $0.hasPrefix("+") }
    }

    /// Takes one of dig's words that begin with a plus sign as the option that it is here.
    private mutating func apply(habit word: String) throws(Failure) {
        let parts = word.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { return try apply(habit: word, String(parts[0]), value: String(parts[1])) }
        switch parts.first ?? "" {
        case "short": short = true
        case "noshort": short = false
        case "tcp", "vc": tcp = true
        case "notcp", "novc": tcp = false
        case "dnssec", "do": dnssec = true
        case "nodnssec", "nodo": dnssec = false
        case "recurse", "rec": noRecurse = false
        case "norecurse", "norec": noRecurse = true
        case "edns": noEDNS = false
        case "noedns": noEDNS = true
        case "nocolor": noColor = true
        default: throw .usage("\(word) is not understood; of dig's options these are: \(Self.known)")
        }
    }

    private mutating func apply(habit word: String, _ name: String, value: String) throws(Failure) {
        switch name {
        case "bufsize", "bufsiz":
            guard let number = UInt16(value) else {
                throw .usage("\(word): a number up to 65535 must follow +bufsize=")
            }
            payloadSize = number
        case "time", "timeout":
            guard let number = Double(value) else { throw .usage("\(word): seconds must follow +\(name)=") }
            timeout = number
        case "tries", "retry":
            guard let number = Int(value), 0...Limits.tries ~= number else {
                throw .usage("\(word): a number up to \(Limits.tries) must follow +\(name)=")
            }
            tries = name == "retry" ? number + 1 : number
        default: throw .usage("\(word) is not understood; of dig's options these are: \(Self.known)")
        }
    }
}
