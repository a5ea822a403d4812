extension Limits {
    /// The octets of what a server says of itself.
    static let identityCount = 255
}

extension Responder {
    /// The room that OPT and the options asked for take at the most; an extended error comes with empty sections.
    func reserve(for edns: Query.Extension) -> Int {
        guard !edns.wanted.isEmpty else { return ResponseWriter.extensionCount }
        return ResponseWriter.extensionCount &+ 24 &+ (identity.isEmpty ? 0 : 4 &+ identity.count)
            &+ (edns.wanted.contains(.cookie) ? 28 : 0)
    }

    /// The options of the reply to a query that asks for some.
    func options(
        wanted: Query.WantedOptions, _ query: Query, _ outcome: Outcome, over transport: Transport
    ) -> ReplyOptions {
        var options = ReplyOptions(error: outcome.error)
        if wanted.isEmpty { return options }
        options.hasIdentity = wanted.contains(.nameServerIdentifier) && !identity.isEmpty
        if wanted.contains(.keepalive), transport == .tcp { options.keepalive = keepalive }
        // RFC 7314 §3: of the zone itself.
        if wanted.contains(.expire), query.type == .soa, let zone = outcome.zone,
            Int(zone.labels) == name.labelCount
        {
            options.expire = zone.expire
        }
        if wanted.contains(.zoneVersion) { options.zone = outcome.zone }
        return options
    }

    /// Class CH: the names that ask for the server itself (RFC 4892); no other class has data.
    @_lifetime(writer: copy writer)
    func chaos(_ query: Query, _ writer: inout ResponseWriter) -> Outcome {
        guard query.recordClass == .chaos, query.type == .txt || query.type == .any, name.labelCount == 2,
            let text = text(of: name)
        else { return Outcome(code: .refused) }
        if !writer.appendText(text.span) { writer.truncateAnswer() }
        return Outcome(code: .noError, isAuthoritative: true)
    }

    private func text(of name: borrowing LookupName) -> [UInt8]? {
        if name.spells(ChaosName.idServer) || name.spells(ChaosName.hostnameBind) {
            return identity.isEmpty ? nil : identity
        }
        if name.spells(ChaosName.versionBind) || name.spells(ChaosName.versionServer) {
            return version.isEmpty ? nil : version
        }
        return nil
    }
}

/// Names of class CH in lower case and wire format.
private enum ChaosName {
    static let idServer = Array("\u{2}id\u{6}server\0".utf8)
    static let hostnameBind = Array("\u{8}hostname\u{4}bind\0".utf8)
    static let versionBind = Array("\u{7}version\u{4}bind\0".utf8)
    static let versionServer = Array("\u{7}version\u{6}server\0".utf8)
}

extension LookupName {
    fileprivate func spells(_ wire: [UInt8]) -> Bool {
        count == wire.count && isEqual(0, count, Octets(wire.span), at: 0)
    }
}
