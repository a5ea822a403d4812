public import Linux

extension ResolverConfiguration {
    /// Where the system keeps its own.
    public static let systemPath = "/etc/resolv.conf"

    /// The system's resolvers. A file that is not there is as good as an empty one.
    public static func system(path: String = systemPath) throws(SystemError) -> ResolverConfiguration {
        do throws(SystemError) {
            let file = try File.read(path, limit: Limits.systemFile)
            return ResolverConfiguration(parsing: String(decoding: file.octets, as: UTF8.self))
        } catch {
            guard error.isMissing else { throw error }
            return ResolverConfiguration(parsing: "")
        }
    }

    /// Reads the text of a resolv.conf as glibc does (resolv.conf(5)): what is not understood is passed over.
    /// Without a server there are 127.0.0.1 and ::1.
    public init(parsing text: String) {
        self.init(servers: [])
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let keyword = words.first, line.first != ";", line.first != "#" else { continue }
            switch keyword {
            case "nameserver": if words.count > 1 { append(server: words[1]) }
            case "domain": if words.count > 1 { searchList = [String(words[1])] }
            case "search": if words.count > 1 { searchList = words[1...].prefix(Limits.searchDomains).map(String.init) }
            case "options": for option in words.dropFirst() { apply(option: option) }
            default: continue
            }
        }
        if servers.isEmpty {
            servers = [.loopback(.ipv4, port: Self.port), .loopback(.ipv6, port: Self.port)]
        }
    }

    /// The port of DNS (RFC 1035 §4.2).
    public static let port: UInt16 = 53

    private mutating func append(server word: Substring) {
        guard servers.count < Limits.systemServers else { return }
        if let address = SocketAddress(host: word, port: Self.port) { servers.append(address) }
    }

    private mutating func apply(option: Substring) {
        let parts = option.split(separator: ":", maxSplits: 1)
        guard let name = parts.first else { return }
        let number = parts.count > 1 ? Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil } : nil
        // The bounds are those of glibc.
        switch name {
        case "ndots": if let number { dotsOfAbsoluteNames = min(number, 15) }
        case "timeout": if let number { timeout = .seconds(max(1, min(number, 30))) }
        case "attempts": if let number { tries = max(1, min(number, 5)) }
        case "rotate": rotates = true
        case "use-vc": options.transport = .tcp
        case "trust-ad": options.authenticData = true
        // EDNS is used anyway.
        default: return
        }
    }
}
