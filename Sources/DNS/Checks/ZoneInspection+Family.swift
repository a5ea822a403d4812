extension ZoneInspection {
    /// What parent and child disagree on; `parent` was inspected with `child.origin` among its children. Each problem
    /// stands in the file where it is mended, most likely.
    public static func compare(parent: ZoneInspection, child: ZoneInspection) -> [ZoneFileError] {
        let below = child.apex
        guard let above = parent.children[child.origin], above.standing != .elsewhere,
            let apex = child.place(of: below.entry)
        else { return [] }
        guard above.standing == .delegated, let cut = parent.place(of: above.entry) else {
            let text = "\(parent.origin) has no NS records for \(child.origin)"
            return [ZoneFileError(.childUndelegated, text, at: apex)]
        }
        var problems: [ZoneFileError] = []
        if Set(above.servers) != Set(below.servers) {
            let text = "the child has other name servers: \(list(below.servers)), not \(list(above.servers))"
            problems.append(ZoneFileError(.childServers, text, at: cut))
        }
        for (server, addresses) in above.addresses.sorted(by: { $0.key < $1.key }) {
            guard let own = below.addresses[server], own != addresses else { continue }
            let text = "\(server) has other addresses in the child's file"
            problems.append(ZoneFileError(.childAddresses, text, at: cut))
        }
        if let place = parent.place(of: above.keyEntry), above.keys.isDisjoint(with: below.keys) {
            let reason = below.keys.isEmpty ? "has no DNSKEY records" : "has no DNSKEY record that fits"
            let text = "\(child.origin) \(reason), so validators refuse the zone"
            problems.append(ZoneFileError(.childKeys, text, at: place))
        } else if above.keys.isEmpty, parent.isSigned, let place = child.place(of: below.keyEntry) {
            let text = "\(parent.origin) has no DS record for these keys, so nobody validates the zone"
            problems.append(ZoneFileError(.childKeys, text, at: place))
        }
        return problems
    }

    private func place(of entry: Int?) -> ZoneFileError? { entry.flatMap { places[$0] } }

    private static func list(_ names: [Name]) -> String {
        let shown = names.prefix(4).map(\.description).joined(separator: " ")
        return names.isEmpty ? "none" : names.count > 4 ? "\(shown) …" : shown
    }
}
