public import DNS

import struct FoundationEssentials.Data

/// A secret that two sides share, with the name that both know it by (RFC 8945 §2).
public struct TSIGKey: Sendable {
    public let name: Name
    public let algorithm: TSIGAlgorithm
    public let secret: [UInt8]

    public init(name: Name, algorithm: TSIGAlgorithm = .sha256, secret: [UInt8]) {
        self.name = name
        self.algorithm = algorithm
        self.secret = secret
    }

    /// From `[algorithm:]name:secret`, the secret in base64; without an algorithm it is hmac-sha256.
    public init(_ text: String) throws(TSIGKeyError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard 2...3 ~= parts.count else { throw TSIGKeyError("a key is written [algorithm:]name:secret") }
        try self.init(
            name: parts[parts.count - 2], algorithm: parts.count == 3 ? parts[0] : nil, secret: parts[parts.count - 1])
    }

    /// From a file as tsig-keygen of BIND makes it, `key "name" { algorithm hmac-sha256; secret "…"; };`, of which the
    /// first key counts; or with a line as `init(_:)` takes it.
    public init(file text: String) throws(TSIGKeyError) {
        let words = Self.words(of: text)
        guard words.contains("{") else {
            try self.init(words.joined())
            return
        }
        func value(of word: String) -> String? {
            guard let place = words.firstIndex(of: word), place + 1 < words.count else { return nil }
            return words[place + 1]
        }
        guard let name = value(of: "key"), let secret = value(of: "secret") else {
            throw TSIGKeyError("a key file must have: key \"name\" { algorithm hmac-sha256; secret \"base64\"; };")
        }
        try self.init(name: name, algorithm: value(of: "algorithm"), secret: secret)
    }

    private init(name: String, algorithm: String?, secret: String) throws(TSIGKeyError) {
        guard let known = TSIGAlgorithm(algorithm ?? TSIGAlgorithm.sha256.rawValue) else {
            let all = TSIGAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw TSIGKeyError("\(algorithm ?? "") is not an algorithm for keys: \(all)")
        }
        guard let octets = Data(base64Encoded: secret), !octets.isEmpty else {
            throw TSIGKeyError("the secret of the key must be base64")
        }
        do throws(NameError) {
            self.init(name: try Name(name), algorithm: known, secret: Array(octets))
        } catch {
            throw TSIGKeyError("the name of the key, \(name), is not a name: \(error)")
        }
    }

    /// Words without quotes, braces by themselves; neither semicolons nor comments.
    private static func words(of text: String) -> [String] {
        // A secret may have two slashes in a row.
        text.matches(of: /"([^"]*)"|\/\*(?s:.*?)\*\/|(?:\/\/|#)[^\n]*|([{}]|[^\s{};"]+)/).compactMap { match in
            (match.output.1 ?? match.output.2).map(String.init)
        }
    }
}

/// What is wrong with the text of a key; the secret is not in it.
public struct TSIGKeyError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
