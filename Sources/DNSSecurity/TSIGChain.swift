public import DNS

/// The signatures of a query and of the messages that answer it, on either side, each covering the one before
/// (RFC 8945 §5). Who asks signs once and verifies then; who answers does it the other way round. It knows no clock:
/// moments are seconds since 1970.
///
///     var chain = TSIGChain(key)
///     let signed = try chain.sign(query, at: now)
///     let isCovered = try chain.verify(reply, at: later)
public struct TSIGChain: Sendable {
    public let key: TSIGKey
    /// By how many seconds the clocks of both sides may differ.
    public var fudge: UInt16 = 300
    /// Messages with signatures so far.
    private var count = 0
    /// Messages without, since the last of them.
    private var uncovered = 0
    private var code: any RunningCode

    /// RFC 8945 §5.3.1.
    private static let longestGap = 99

    public init(_ key: TSIGKey) {
        self.key = key
        code = key.algorithm.code(key.secret)
    }

    /// The message with its signature.
    public mutating func sign(_ message: [UInt8], at time: Int) throws(WireError) -> [UInt8] {
        guard message.count >= Header.count else { throw .truncated }
        let count = Int(message[10]) << 8 | Int(message[11])
        var tsig = TSIG(
            key: key.name, algorithm: key.algorithm.name, time: UInt64(max(0, time)), fudge: fudge,
            id: UInt16(message[0]) << 8 | UInt16(message[1]))
        add(message, tsig)
        tsig.code = code.octets
        next(tsig.code)
        let signed = message[..<10] + networkOrder(count + 1, 2) + message[12...] + tsig.record
        guard count < 0xFFFF, signed.count <= Message.maximumCount else { throw .noRoom }
        return Array(signed)
    }

    /// Takes the next message. Whether it has a signature, which covers those before it that have none.
    public mutating func verify(_ message: [UInt8], at time: Int) throws(SignatureError) -> Bool {
        let signed: SignedMessage
        do throws(WireError) {
            signed = try SignedMessage(message)
        } catch {
            throw .malformed
        }
        guard let tsig = signed.tsig else {
            guard count > 1, uncovered < Self.longestGap else { throw .missing(signed.code) }
            uncovered += 1
            code.add(message)
            return false
        }
        // What the server says of a query that it could not verify it cannot sign (RFC 8945 §5.2.1, §5.2.2).
        if tsig.code.isEmpty, tsig.error != 0 { throw .refused(error: tsig.error) }
        guard tsig.key == key.name, tsig.algorithm == key.algorithm.name else {
            throw .otherKey(tsig.key, algorithm: tsig.algorithm)
        }
        add(signed.octets, tsig)
        guard code.isEqual(to: tsig.code) else { throw .wrong }
        // At most 48 bits.
        let ahead = Int(tsig.time) - time
        if tsig.error != 0 {
            // With BADTIME comes the server's time, and what was sent as the time that was signed (RFC 8945 §5.2.3).
            let theirs = tsig.other.count == 6 ? tsig.other.reduce(0) { $0 << 8 | Int($1) } : Int(tsig.time)
            throw .refused(error: tsig.error, seconds: theirs - Int(tsig.time))
        }
        if abs(ahead) > Int(tsig.fudge) { throw .untimely(seconds: ahead) }
        next(tsig.code)
        return true
    }

    private mutating func add(_ message: [UInt8], _ tsig: TSIG) {
        code.add(message)
        code.add(tsig.signedFields(timesOnly: count > 1))
    }

    /// Begins the code of the next message with that of the last one.
    private mutating func next(_ last: [UInt8]) {
        count += 1
        uncovered = 0
        code = key.algorithm.code(key.secret)
        code.add(networkOrder(last.count, 2) + last)
    }
}

/// Signs queries with a key, as servers with the same key want it.
public struct TSIGSigner: MessageSigner {
    public let key: TSIGKey
    private let clock: @Sendable () -> Int

    /// - Parameter clock: seconds since 1970.
    public init(_ key: TSIGKey, clock: @escaping @Sendable () -> Int) {
        self.key = key
        self.clock = clock
    }

    public func sign(_ query: [UInt8]) throws(WireError) -> (octets: [UInt8], verifier: any MessageVerifier) {
        var chain = TSIGChain(key)
        let octets = try chain.sign(query, at: clock())
        return (octets, Verifier(chain: chain, clock: clock))
    }

    private struct Verifier: MessageVerifier {
        var chain: TSIGChain
        let clock: @Sendable () -> Int

        mutating func verify(_ message: [UInt8]) throws(SignatureError) -> Bool {
            try chain.verify(message, at: clock())
        }
    }
}
