import DNS
import DNSClient
import Linux

/// Follows the referrals from the root to a name's own servers, one query at a time, as a resolver does (RFC 1034
/// §5.3.3) but without a cache: so that each step can be shown.
struct Trace {
    /// What one trace may take.
    enum Bound {
        static let queries = 200
        static let referrals = 30
        static let aliases = 16
        /// Looking up a server's address may need the address of another server, and so on.
        static let depth = 8
    }

    /// A server of a zone, with the addresses that are known.
    struct NameServer {
        /// Nil where the command line named an address.
        var name: Name?
        var addresses: [SocketAddress]

        var isKnown: Bool { !addresses.isEmpty }
    }

    /// A zone and those who serve it.
    struct Level {
        var zone: Name
        var servers: [NameServer]
        /// Named on the command line: whatever it answers is taken.
        var isChosen = false

        func maySpeak(of name: Name) -> Bool { isChosen || name.isSubdomain(of: zone) }
    }

    /// One query, and what its reply is worth.
    struct Step {
        let level: Name
        let server: Name?
        let address: SocketAddress
        let verdict: Verdict
        let finding: Finding
        /// 0 for the question itself, more for the addresses of servers.
        let depth: Int
    }

    /// What is of use to whoever follows referrals.
    enum Progress {
        /// An answer, or the word of the zone that there is none.
        case final
        case referral(Level)
        case alias(to: Name)
    }

    enum Verdict {
        case useful(Progress)
        /// Why another server must be asked.
        case useless(String)
    }

    /// How it ends.
    enum Ending {
        case found(Finding)
        /// Why it goes no further.
        case deadEnd(String)
    }

    let start: Level
    let configuration: Configuration
    let options: QueryOptions
    /// Shows a step, or a remark between two.
    let show: (Step) throws(Failure) -> Void
    let remark: (String, Int) throws(Failure) -> Void

    private let clock = ContinuousClock()
    private let end: ContinuousClock.Instant
    private var queries = 0
    /// Addresses of servers that were looked up.
    private var known: [Name: [SocketAddress]] = [:]
    /// Servers whose addresses are being looked up.
    private var pending: Set<Name> = []

    init(
        from start: Level, _ configuration: Configuration, _ options: QueryOptions,
        show: @escaping (Step) throws(Failure) -> Void, remark: @escaping (String, Int) throws(Failure) -> Void
    ) {
        self.start = start
        self.configuration = configuration
        self.options = options
        self.show = show
        self.remark = remark
        end = clock.now + configuration.deadline
    }

    /// Goes from the start to the question's answer, through aliases.
    mutating func follow(_ first: Question, depth: Int = 0) async throws(Failure) -> Ending {
        var question = first
        var path = [start]
        var referrals = 0
        var names: Set<Name> = [first.name]
        while let level = path.last {
            if options.answersSpecialNames, let known = SpecialNames.reply(to: question, options) {
                return .found(Finding(question: question, result: .success(known)))
            }
            guard let (progress, finding) = try await ask(level, question, depth) else {
                return .deadEnd(stopReason ?? "no server of \(level.zone) gave an answer or a referral")
            }
            switch progress {
            case .final: return .found(finding)
            case .referral(let next):
                referrals += 1
                guard referrals <= Bound.referrals else { return .deadEnd("over \(Bound.referrals) referrals") }
                path.append(next)
            case .alias(let target):
                guard names.insert(target).inserted else { return .deadEnd("the aliases go round: \(target) again") }
                guard names.count <= Bound.aliases + 1 else { return .deadEnd("over \(Bound.aliases) aliases") }
                try remark("\(question.name) is an alias; going on with \(target)", depth)
                question.name = target
                // From the deepest zone on the way that has the target.
                while path.count > 1, let last = path.last, !target.isSubdomain(of: last.zone) { path.removeLast() }
            }
        }
        return .deadEnd("nobody to ask")
    }

    /// Why no more queries may be sent.
    private var stopReason: String? {
        if queries >= Bound.queries { return "\(Bound.queries) queries were not enough" }
        return clock.now >= end ? "the time was over; --deadline gives more" : nil
    }
}

// MARK: One zone's servers

extension Trace {
    /// Asks the servers of a zone, one after the other, until one is of use; nil where none is. Those without an address
    /// are looked up where the others were of no use, and the silent ones are asked again.
    private mutating func ask(
        _ level: Level, _ question: Question, _ depth: Int
    ) async throws(Failure) -> (Progress, Finding)? {
        var silent: [NameServer] = []
        for var server in level.servers.filter(\.isKnown) + level.servers.filter({ !$0.isKnown }) {
            guard stopReason == nil else { return nil }
            if !server.isKnown, let name = server.name {
                server.addresses = try await addresses(of: name, servedIn: level.zone, depth)
            }
            let (useful, rest) = try await ask(server, of: level, question, depth)
            if let useful { return useful }
            silent.append(rest)
        }
        for _ in 1..<max(1, configuration.tries) {
            for server in silent {
                if let useful = try await ask(server, of: level, question, depth).useful { return useful }
            }
        }
        return nil
    }

    /// Asks at each address of a server until a reply is of use; with the addresses that stayed silent.
    private mutating func ask(
        _ server: NameServer, of level: Level, _ question: Question, _ depth: Int
    ) async throws(Failure) -> (useful: (Progress, Finding)?, silent: NameServer) {
        var silent = NameServer(name: server.name, addresses: [])
        for address in server.addresses where configuration.family.map({ $0 == address.family }) ?? true {
            guard stopReason == nil else { break }
            queries += 1
            let resolver = configuration.resolver(asking: [address], onceWithin: clock.now.duration(to: end))
            let finding = await resolver.finding(for: question, options)
            let verdict = Verdict(of: finding, in: level, port: address.port)
            try show(
                Step(
                    level: level.zone, server: server.name, address: address, verdict: verdict, finding: finding,
                    depth: depth))
            if case .useful(let progress) = verdict { return ((progress, finding), silent) }
            if finding.message == nil { silent.addresses.append(address) }
        }
        return (nil, silent)
    }

    /// Looks a server's addresses up, from the start.
    private mutating func addresses(
        of name: Name, servedIn zone: Name, _ depth: Int
    ) async throws(Failure) -> [SocketAddress] {
        if let known = known[name] { return known }
        guard depth < Bound.depth else {
            try remark("the address of \(name) needs over \(Bound.depth) others: left out", depth)
            return []
        }
        guard pending.insert(name).inserted else {
            try remark("a loop: the address of \(name) is needed to look up the address of \(name)", depth)
            return []
        }
        defer { pending.remove(name) }
        try remark("\(name) serves \(zone), and came without its address; looking it up", depth)
        var addresses: [SocketAddress] = []
        let families = [(RecordType.a, SocketAddress.Family.ipv4), (.aaaa, .ipv6)]
        families: for (type, family) in families where addresses.isEmpty && family == configuration.family ?? family {
            switch try await follow(Question(name, type), depth: depth + 1) {
            case .found(let finding):
                let records = finding.message?.answer.filter { $0.type == type } ?? []
                addresses = records.compactMap { SocketAddress(octets: $0.data.octets, port: configuration.port) }
            case .deadEnd(let reason):
                try remark("\(name) \(type): \(reason)", depth)
                break families
            }
        }
        known[name] = addresses
        return addresses
    }
}
