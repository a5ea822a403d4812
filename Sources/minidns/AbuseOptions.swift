import ArgumentParser
import DNS
import DNSServer
import Linux

/// Who gets answers, how many, and what of.
struct AbuseOptions: ParsableArguments, Sendable {
    @Option(help: prefixes("Only these may ask"))
    var allow: [PrefixList] = []

    @Option(help: prefixes("These may not ask (REFUSED)"))
    var deny: [PrefixList] = []

    @Option(help: prefixes("Only these may have whole zones (default: this machine)"))
    var allowTransfer: [PrefixList] = []

    @Option(help: prefixes("These may not have whole zones"))
    var denyTransfer: [PrefixList] = []

    @Option(
        help: ArgumentHelp(
            "Equal answers a second over UDP to the clients of one /24 or /56, from 1 to 1000000.", valueName: "number")
    )
    var rateLimit = 100

    @Option(
        help: ArgumentHelp(
            "Of the answers beyond the limit each of this number says to come over TCP; 0: none, 1: all.",
            valueName: "number"))
    var rateLimitSlip = 2

    @Flag(help: "Limit the clients on this machine too.")
    var rateLimitLoopback = false

    @Flag(help: "Do not limit equal answers.")
    var noRateLimit = false

    @Option(
        help: ArgumentHelp(
            """
            One or two secrets for DNS cookies, 32 hexadecimal digits on a line each: the first makes them, both are \
            accepted (default: a random one, anew every day).
            """, valueName: "file"))
    var cookieSecrets: String?

    @Flag(help: "Answer over UDP only who shows a good cookie.")
    var requireCookies = false

    @Flag(help: "Give nobody a DNS cookie.")
    var noCookies = false

    private static let largestSlip = 10
    private static let largestRate = 1_000_000

    private static func prefixes(_ text: String) -> ArgumentHelp {
        ArgumentHelp("\(text): 192.0.2.0/24, 2001:db8::/32, …; @FILE reads them from a file.", valueName: "prefix,…")
    }

    func validate() throws {
        if noCookies && (requireCookies || cookieSecrets != nil) {
            throw ValidationError("--no-cookies excludes --require-cookies and --cookie-secrets.")
        }
        try require("--rate-limit", rateLimit, in: 1...Self.largestRate, "; see --no-rate-limit")
        try require("--rate-limit-slip", rateLimitSlip, in: 0...Self.largestSlip)
    }

    /// Sets what the options say.
    func apply(to limits: inout ServerLimits) throws {
        try apply(to: &limits.clients)
        limits.rateLimit = noRateLimit ? nil : rateLimit
        limits.rateLimitSlip = rateLimitSlip
        limits.rateLimitsLoopback = rateLimitLoopback
        limits.requiresCookies = requireCookies
    }

    /// Sets what the options and the files that they name say now.
    func apply(to clients: inout ClientPolicy) throws {
        let (allow, deny) = (try PrefixList.read(allow, atLeastOneFor: "--allow"), try PrefixList.read(deny))
        if !allow.isEmpty || !deny.isEmpty { clients.mayAsk = AccessList(allow: allow, deny: deny) }
        let allowed = try PrefixList.read(allowTransfer, atLeastOneFor: "--allow-transfer")
        let denied = try PrefixList.read(denyTransfer)
        let transfers = AccessList(allow: allowed.isEmpty ? AddressPrefix.loopback : allowed, deny: denied)
        clients.mayTransfer = { transfers.admits($0) }
        if let cookieSecrets { clients.cookieSecrets = try Self.secrets(in: cookieSecrets) }
        if noCookies { clients.cookieSecrets = nil }
    }

    /// The files that the options name, which are read again with the zones.
    var files: [String] {
        let lists = [allow, deny, allowTransfer, denyTransfer].joined()
        return lists.compactMap(\.file) + [cookieSecrets].compactMap(\.self)
    }

    private static func secrets(in path: String) throws -> CookieSecrets {
        let lines = try PrefixList.lines(of: path).map(\.words)
        let secrets = lines.joined().compactMap(octets)
        guard secrets.count == lines.joined().count, let cookies = CookieSecrets(secrets) else {
            throw Failure(
                status: .usage,
                message: """
                    \(path): one or two secrets of 32 hexadecimal digits, a line each. Make one: \
                    od -An -N16 -tx1 /dev/urandom | tr -d ' '
                    """)
        }
        return cookies
    }

    private static func octets(_ digits: Substring) -> [UInt8]? {
        let values = digits.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
        guard values.count == 32, digits.utf8.count == 32 else { return nil }
        return stride(from: 0, to: 32, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}

/// What an option that takes prefixes says: `PREFIX,PREFIX,…`, or `@FILE` with some on each line.
struct PrefixList: ExpressibleByArgument, Sendable {
    private let text: String

    init?(argument: String) {
        text = argument
    }

    /// The file that the prefixes stand in.
    var file: String? { text.hasPrefix("@") ? String(text.dropFirst()) : nil }

    private static let largestFile = 16 << 20

    /// The prefixes of all lists. An option that allows nobody would be taken for none, which allows everybody.
    static func read(_ lists: [PrefixList], atLeastOneFor option: String? = nil) throws -> [AddressPrefix] {
        let prefixes = try lists.flatMap { list in
            guard let path = list.file else { return try Self.prefixes(Self.words(in: list.text[...])) }
            return try lines(of: path).flatMap { try Self.prefixes($0.words, "\(path):\($0.number): ") }
        }
        if let option, prefixes.isEmpty, !lists.isEmpty {
            throw Failure(status: .usage, message: "\(option) names no prefix; to have nobody, name one of your own.")
        }
        return prefixes
    }

    private static func prefixes(_ words: [Substring], _ place: String = "") throws -> [AddressPrefix] {
        try words.map { word in
            do throws(AddressPrefix.Malformed) {
                return try AddressPrefix(word)
            } catch {
                throw Failure(status: .usage, message: "\(place)\(error)")
            }
        }
    }

    /// The words of each line of a file that are no comment, which begins with `#`.
    static func lines(of path: String) throws -> [(number: Int, words: [Substring])] {
        let content = try File.read(path, limit: largestFile)
        let lines = String(decoding: content.octets, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().map { ($0.offset + 1, words(in: $0.element.prefix { $0 != "#" })) }
    }

    private static func words(in text: Substring) -> [Substring] {
        text.split { $0 == "," || $0.isWhitespace }
    }
}
