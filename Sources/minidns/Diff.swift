import ArgumentParser
import DNS
import DNSServer
import Linux

/// `minidns diff`: what tells the zones of two places apart.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare zones by meaning, record by record.",
        discussion: """
            A and B are zone files (also ORIGIN=FILE), directories of NAME.zone files, or one of them is a server, \
            @ADDRESS[:PORT], which is asked for the zones of the other by AXFR. - stands before a record that only A has, \
            + before one that only B has, ~ before another TTL or serial.

            Exit codes: 0 the same; 1 different; 2 one of them cannot be read; 64 wrong usage.
            """)

    @Argument(help: ArgumentHelp("The first place.", valueName: "A")) var first: String
    @Argument(help: ArgumentHelp("The second place.", valueName: "B")) var second: String

    @Flag(help: "Take zones for the same where nothing but the serial differs.")
    var ignoreSerial = false

    @Flag(help: "Print a line of JSON for each RRset that differs.")
    var json = false

    func validate() throws {
        if first.hasPrefix("@") && second.hasPrefix("@") {
            throw ValidationError("Only one of both can be a server: the other says which zones are compared.")
        }
    }

    func run() throws {
        let (a, b) = try bothSides()
        var output = Output()
        var isSame = true
        for origin in Set(a.keys).union(b.keys).sorted() {
            switch (a[origin], b[origin]) {
            case (let old?, let new?):
                if !compare(old, new, &output) { isSame = false }
            case (let zone?, nil), (nil, let zone?):
                isSame = false
                tellOnly(zone, isFirst: b[origin] == nil, &output)
            case (nil, nil): break
            }
        }
        output.flush()
        if !isSame { throw ExitCode(ExitStatus.different.rawValue) }
    }

    private func bothSides() throws -> ([Name: CompiledZone], [Name: CompiledZone]) {
        if let server = try server(first) {
            let zones = try ComparedZones.files(second)
            return (try ComparedZones.fetch(like: zones, from: server), zones)
        }
        if let server = try server(second) {
            let zones = try ComparedZones.files(first)
            return (zones, try ComparedZones.fetch(like: zones, from: server))
        }
        return (try ComparedZones.files(first, like: second), try ComparedZones.files(second, like: first))
    }

    private func server(_ place: String) throws -> SocketAddress? {
        guard place.hasPrefix("@") else { return nil }
        guard let address = SocketAddress(String(place.dropFirst()), defaultPort: 53) else {
            throw ValidationError("\(place) must be @ and an address, as in @127.0.0.1:5353 or @[::1]:5353.")
        }
        return address
    }
}

// MARK: Printing

extension Diff {
    /// Prints what differs. Whether nothing does.
    private func compare(_ old: CompiledZone, _ new: CompiledZone, _ output: inout Output) -> Bool {
        var isSame = true
        ZoneDifference.forEach(from: old, to: new) { change in
            if ignoreSerial, change.serials != nil { return }
            defer { isSame = false }
            if json { return output.print(change.json(zone: old.origin)) }
            if isSame { output.print("zone \(old.origin)", .strong) }
            for line in change.lines {
                output.print(line, line.hasPrefix("-") ? .removed : line.hasPrefix("+") ? .added : .changed)
            }
        }
        return isSame
    }

    private func tellOnly(_ zone: CompiledZone, isFirst: Bool, _ output: inout Output) {
        let place = isFirst ? first : second
        if json {
            output.print(["zone": "\(zone.origin)", "only": isFirst ? "A" : "B"])
        } else {
            let line = "zone \(zone.origin) is only in \(place), with \(zone.recordCount) records"
            output.print("\(isFirst ? "-" : "+") \(line)", isFirst ? .removed : .added)
        }
    }
}
