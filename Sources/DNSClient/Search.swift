public import DNS

extension ResolverConfiguration {
    /// The names that a name as it is typed may stand for, in the order to ask for them. One that ends in a dot
    /// stands for itself. Of others those with `dotsOfAbsoluteNames` dots are first taken as they are, so that no
    /// search list captures them (RFC 1535 §6), and shorter ones last. Only the domains of the list are added, none
    /// of their parents.
    public func names(searching text: String) throws(NameError) -> [Name] {
        let name = try Name(text)
        let slashes = text.utf8.dropLast().reversed().prefix { $0 == 0x5C }.count
        // What no server is asked for is not shown to any inside a longer name either.
        guard text.utf8.last != 0x2E || slashes % 2 == 1, !SpecialNames.contains(name) else { return [name] }
        var names: [Name] = []
        for domain in searchList.prefix(Limits.searchDomains) {
            guard let domain = try? Name(domain), !domain.isRoot,
                let longer = name.replacingSuffix(.root, with: domain),
                !names.contains(longer)
            else { continue }
            names.append(longer)
        }
        return name.labelCount > dotsOfAbsoluteNames ? [name] + names : names + [name]
    }
}

extension Resolver {
    /// Asks for a name as it is typed, with the domains of the search list: the first response that has records of
    /// the type, else the one for the name as it stands. A failure that is neither NXDOMAIN nor no data ends it.
    public func search(
        _ text: String, _ type: RecordType, options: QueryOptions? = nil
    ) async throws(ResolverError) -> Reply {
        let plain = try Name(checking: text)
        var absence: Reply?
        for name in (try? configuration.names(searching: text)) ?? [plain] {
            let reply = try await query(Question(name, type), options: options)
            let isAbsence = reply.responseCode == .nameError || reply.responseCode == .noError && reply.records.isEmpty
            if !isAbsence { return reply }
            if name == plain { absence = reply }
        }
        // The name as it stands is among them.
        if let absence { return absence }
        return try await query(Question(plain, type), options: options)
    }
}
