public import DNS
import Foundation

/// One line of Tests/DNSTests/Vectors/cookies.txt, which describes the format.
public struct CookieVector: Sendable, CustomStringConvertible {
    public let place: String
    public let time: UInt32
    public let client: Client
    public let secrets: CookieSecrets
    /// What the query's options hold.
    public let options: [[UInt8]]
    public let code: String
    public let reply: String

    public var description: String { place }

    public static func all() throws -> [CookieVector] {
        let file = TestData.root.appending(path: "DNSTests/Vectors/cookies.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated().compactMap { index, line in
                line.isEmpty || line.hasPrefix("#") ? nil : try CookieVector(line, place: "cookies.txt:\(index + 1)")
            }
    }

    private init(_ line: Substring, place: String) throws {
        let columns = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        let outcome = columns.last?.split(separator: " ").map(String.init) ?? []
        guard columns.count == 5, outcome.count == 2, let time = UInt32(columns[0]), let address = octets(columns[1]),
            let secrets = CookieSecrets(columns[2].split(separator: ",").compactMap { octets(String($0)) })
        else { throw MalformedVector(place: place) }
        let number = address.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        client = Client(address: address.count == 4 ? 0xFFFF << 32 | number : number)
        options = columns[3] == "-" ? [] : columns[3].split(separator: ",").compactMap { octets(String($0)) }
        (self.place, self.time, self.secrets, code, reply) = (place, time, secrets, outcome[0], outcome[1])
    }
}
