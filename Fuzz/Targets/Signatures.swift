import DNS
import DNSSecurity

// What a client makes of signatures, and of the files that keys are in.

extension FuzzTarget {
    private static let key = TSIGKey(name: .root, secret: [1, 2, 3])
    private static let time = 1_700_000_000

    /// Messages that answer a signed query: none is taken that was not signed with the key.
    static let signatures = FuzzTarget(name: "signatures") { octets in
        var choices = Choices(octets)
        var (ours, theirs) = (TSIGChain(key), TSIGChain(key))
        let query = try ours.sign(Message(id: 1, question: Question(.root, .soa)).encoded(), at: time)
        try Finding.unless(try theirs.verify(query, at: time), "the query is not verified")
        while let frame = choices.frame() {
            let message = Array(frame.dropFirst())
            let signed = frame.first == 0 ? try? theirs.sign(message, at: time) : nil
            let isCovered: Bool
            do throws(SignatureError) {
                isCovered = try ours.verify(signed ?? message, at: time)
            } catch {
                _ = error.description
                return
            }
            try Finding.unless(signed != nil || !isCovered, "a signature was made without the key")
        }
    }

    /// Files with keys.
    static let keys = FuzzTarget(name: "keys") { octets in
        do throws(TSIGKeyError) {
            _ = try TSIGKey(file: String(decoding: octets, as: UTF8.self))
        } catch {
            _ = error.description
        }
    }
}
