import Crypto
import DNS

/// How a TSIG signature is computed (RFC 8945 §6), by the name that stands in the record. SHA-224, which servers need not
/// know and swift-crypto does not have, is missing.
public enum TSIGAlgorithm: String, CaseIterable, Sendable {
    /// For old servers only (RFC 6151).
    case md5 = "hmac-md5.sig-alg.reg.int"
    case sha1 = "hmac-sha1"
    case sha256 = "hmac-sha256"
    case sha384 = "hmac-sha384"
    case sha512 = "hmac-sha512"

    /// From its name in any case; `hmac-md5` for short. Nil where it is another one.
    public init?(_ text: String) {
        let name = text.lowercased()
        self.init(
            rawValue: name == "hmac-md5" ? Self.md5.rawValue : name.hasSuffix(".") ? String(name.dropLast()) : name)
    }

    /// What stands in the record: always a name.
    var name: Name { (try? Name(rawValue)) ?? .root }

    /// A code that octets are added to.
    func code(_ secret: [UInt8]) -> any RunningCode {
        let key = SymmetricKey(data: secret)
        return switch self {
        case .md5: HMAC<Insecure.MD5>(key: key)
        case .sha1: HMAC<Insecure.SHA1>(key: key)
        case .sha256: HMAC<SHA256>(key: key)
        case .sha384: HMAC<SHA384>(key: key)
        case .sha512: HMAC<SHA512>(key: key)
        }
    }
}

/// A message authentication code under way, whatever its hash function.
protocol RunningCode: Sendable {
    mutating func add(_ octets: some Sequence<UInt8>)
    var octets: [UInt8] { get }
    /// Compares in a time that does not depend on where they differ.
    func isEqual(to octets: [UInt8]) -> Bool
}

extension HMAC: RunningCode {
    mutating func add(_ octets: some Sequence<UInt8>) { update(data: Array(octets)) }
    var octets: [UInt8] { Array(finalize()) }
    func isEqual(to octets: [UInt8]) -> Bool { finalize() == octets }
}
