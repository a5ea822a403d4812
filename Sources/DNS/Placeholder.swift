// A stand-in with the shape of the protocol's interface, until that is there.

public enum Transport: Sendable { case udp, tcp }

public struct Name: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public struct Invalid: Error {}
    public init(parsing text: String) throws(Invalid) {
        guard !text.isEmpty, !text.contains("..") else { throw Invalid() }
        let lowered = text.lowercased()
        description = lowered.hasSuffix(".") ? lowered : lowered + "."
    }
}

public final class Database: Sendable {
    public static let empty = Database(zones: [], unavailable: [], seed: 0)
    let zones: [CompiledZone]
    public init(zones: [CompiledZone], unavailable: [Name], seed: UInt64) { self.zones = zones }
}

public struct Responder: ~Copyable {
    public init(udpPayloadSize: Int = 1232) {}
    public mutating func respond(
        to query: Span<UInt8>, over transport: Transport, from database: Database,
        into response: inout MutableSpan<UInt8>
    ) -> Int {
        guard query.count >= 12, query[2] & 0x80 == 0 else { return 0 }
        let count = min(query.count, 300)
        for index in 0..<count { response[index] = query[index] }
        response[2] |= 0x80
        guard let zone = database.zones.first else {
            response[3] = 5
            return count
        }
        for index in 0..<20 { response[count + index] = 0 }
        for index in 0..<4 { response[count + index] = UInt8(truncatingIfNeeded: zone.serial >> (24 - 8 * index)) }
        return count + 20
    }
}

public struct ZoneFileError: Error, Sendable, CustomStringConvertible {
    public enum Severity: Sendable { case error, warning }
    public let path: String
    public let line: Int
    public let column: Int
    public let message: String
    public let severity: Severity
    public var description: String { "\(path):\(line):\(column): \(message)" }
}

public final class CompiledZone: Sendable {
    public let origin: Name
    public let serial: UInt32
    public let recordCount: Int
    init(origin: Name, serial: UInt32, recordCount: Int) {
        self.origin = origin
        self.serial = serial
        self.recordCount = recordCount
    }
}

public struct ZoneReadError: Error, Sendable {
    public let message: String
    public init(message: String) { self.message = message }
}

public struct ZoneLoadResult {
    public var zone: CompiledZone?
    public var problems: [ZoneFileError]
}

public enum ZoneLoader {
    public static func load(
        path: String, origin: Name, seed: UInt64, read: (_ path: String) -> Result<[UInt8], ZoneReadError>
    ) -> ZoneLoadResult {
        func failure(_ message: String) -> ZoneLoadResult {
            let problem = ZoneFileError(path: path, line: 1, column: 1, message: message, severity: .error)
            return ZoneLoadResult(zone: nil, problems: [problem])
        }
        let octets: [UInt8]
        switch read(path) {
        case .success(let read): octets = read
        case .failure(let error): return failure(error.message)
        }
        let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n")
        var serial: UInt32?
        for line in lines {
            let words = line.split(separator: " ")
            if words.first == "$INCLUDE", words.count > 1 {
                let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
                let included = (directory + [words[1]]).joined(separator: "/")
                if case .failure(let error) = read(included) { return failure(error.message) }
            }
            if let index = words.firstIndex(of: "SOA"), words.count > index + 3 { serial = UInt32(words[index + 3]) }
        }
        guard let serial else { return failure("the zone has no SOA record") }
        return ZoneLoadResult(
            zone: CompiledZone(origin: origin, serial: serial, recordCount: lines.count), problems: [])
    }
}
