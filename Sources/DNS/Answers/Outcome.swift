/// What the header and OPT say of a response.
struct Outcome {
    var code: ResponseCode
    var isAuthoritative = false
    var error: ExtendedError.Code?
    /// The zone that the answer is from, where an option asks for it.
    var zone: Source?

    struct Source {
        var labels: UInt8
        var serial: SerialNumber
        var expire: UInt32
    }
}

/// The options that a reply carries: values, written by the writer.
struct ReplyOptions {
    var error: ExtendedError.Code?
    var hasIdentity = false
    var expire: UInt32?
    var keepalive: UInt16?
    var zone: Outcome.Source?
    var cookie: Cookie?

    /// The client's and the server's cookie (RFC 9018 §4): 8 and 16 octets, as little-endian numbers.
    struct Cookie {
        var client: UInt64
        var head: UInt64
        var hash: UInt64
    }

    /// The octets of all of them.
    func count(identityCount: Int) -> Int {
        (error == nil ? 0 : 6) &+ (hasIdentity ? 4 &+ identityCount : 0) &+ (expire == nil ? 0 : 8)
            &+ (keepalive == nil ? 0 : 6) &+ (zone == nil ? 0 : 10) &+ (cookie == nil ? 0 : 28)
    }
}

extension ZoneView {
    /// What options say of the zone.
    var source: Outcome.Source? {
        guard let block = block(.soa, of: apex), block.octetCount >= 20 else { return nil }
        // RFC 1035 §3.3.13: serial, refresh, retry, expire, minimum end the record.
        let end = block.body &+ block.octetCount
        return Outcome.Source(
            labels: layout.originLabels, serial: SerialNumber(octets.u32(end &- 20)), expire: octets.u32(end &- 8))
    }
}
