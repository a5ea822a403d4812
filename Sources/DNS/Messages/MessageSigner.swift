/// Signs queries, so that a server knows who asks, and verifies that the replies are that server's (RFC 8945). Who sends
/// and receives messages needs no more of cryptography than this; the module `DNSSecurity` has what does it.
public protocol MessageSigner: Sendable {
    /// The query with its signature, and what verifies the messages that answer it.
    func sign(_ query: [UInt8]) throws(WireError) -> (octets: [UInt8], verifier: any MessageVerifier)
}

/// Verifies the messages that answer one query, in their order.
public protocol MessageVerifier: Sendable {
    /// Takes the next message as it came. Whether it has a signature, which covers all before it too: of several
    /// messages the first and the last must have one (RFC 8945 §5.3.1).
    mutating func verify(_ message: [UInt8]) throws(SignatureError) -> Bool
}

/// Why a message cannot be trusted.
public enum SignatureError: Error, Hashable, Sendable {
    /// It has no signature, where there must be one.
    case missing(ResponseCode)
    /// It cannot be read, or its signature does not stand at its end.
    case malformed
    /// It is signed with another key.
    case otherKey(Name, algorithm: Name)
    /// The signature is not that of these octets with the key.
    case wrong
    /// It was signed so many seconds after our clock's time (before, where negative), more than it allows for.
    case untimely(seconds: Int)
    /// What the server says of the query's signature: BADSIG, BADKEY and their kin (RFC 8945 §3), and for BADTIME by how
    /// many seconds its clock is ahead of the query.
    case refused(error: UInt16, seconds: Int = 0)
}

extension SignatureError: CustomStringConvertible {
    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .missing(let code): "\(code) without a signature: the server does not sign, or somebody else answered"
        case .malformed: "the signed reply is malformed"
        case .otherKey(let name, let algorithm):
            "the reply is signed with the key \(name) and \(algorithm), not with the key of the query"
        case .wrong: "the signature of the reply is wrong: the secret is another one there, or the reply was changed"
        case .untimely(let seconds):
            "the reply was signed \(Self.words(seconds, "after", "before")) the time of this machine: set the clocks"
        case .refused(error: 16, _): "BADSIG: the server has another secret for the key: compare the secrets"
        case .refused(error: 17, _):
            "BADKEY: the server does not know the key, or has it for another algorithm: compare name and algorithm"
        case .refused(error: 18, let seconds):
            "BADTIME: the clock of the server is \(Self.words(seconds, "ahead", "behind")): set the clocks"
        case .refused(error: 22, _): "BADTRUNC: the server wants a longer signature"
        case .refused(let error, _): "the server refuses the signature with error \(error)"
        }
    }

    private static func words(_ seconds: Int, _ later: String, _ earlier: String) -> String {
        "\(abs(seconds)) s \(seconds < 0 ? earlier : later)"
    }
}
