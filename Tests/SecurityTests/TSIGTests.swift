import DNS
import Foundation
import TestSupport
import Testing

@testable import DNSSecurity

/// Signatures of another implementation, and what becomes of messages that somebody changed.
struct TSIGTests {
    private static let now = 1_700_000_000

    /// A line of Vectors/tsig.txt, which describes the format.
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: TSIGKey
        let query, signed: [UInt8]
        let replies: [[UInt8]]
        let outcomes: [String]

        static let all: [Vector] = {
            let file = TestData.root.appending(path: "SecurityTests/Vectors/tsig.txt")
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
                index, line in
                line.isEmpty || line.hasPrefix("#") ? nil : try? Vector(line, "tsig.txt:\(index + 1)")
            }
        }()

        init(_ line: Substring, _ place: String) throws {
            let columns = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
            testDescription = place
            key = try TSIGKey(columns[0][0])
            query = Self.octets(columns[1][0])
            signed = Self.octets(columns[2][0])
            replies = columns[3].map(Self.octets)
            outcomes = columns[4]
        }

        private static func octets(_ hex: String) -> [UInt8] {
            stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
        }
    }

    private static func outcome(_ message: [UInt8], _ chain: inout TSIGChain) -> String {
        do throws(SignatureError) {
            return try chain.verify(message, at: now) ? "yes" : "no"
        } catch {
            switch error {
            case .missing: return "missing"
            case .malformed: return "malformed"
            case .otherKey: return "otherKey"
            case .wrong: return "wrong"
            case .untimely(let seconds): return "untimely:\(seconds)"
            case .refused(let error, let seconds): return "refused:\(error):\(seconds)"
            }
        }
    }

    @Test func allVectorsAreRead() { #expect(Vector.all.count == 26) }

    @Test(arguments: Vector.all) func verifiesAndSigns(_ vector: Vector) throws {
        var (client, server) = (TSIGChain(vector.key), TSIGChain(vector.key))
        let theirs = try #require(try SignedMessage(vector.signed).tsig)
        let ours = try SignedMessage(client.sign(vector.query, at: Int(theirs.time)))
        #expect(ours.octets == vector.query && ours.tsig?.code == theirs.code)
        #expect(try server.verify(vector.signed, at: Self.now))
        for (reply, outcome) in zip(vector.replies, vector.outcomes) {
            #expect(Self.outcome(reply, &client) == outcome)
            guard outcome == "yes", let theirs = try SignedMessage(reply).tsig else {
                _ = Self.outcome(reply, &server)
                continue
            }
            let ours = try SignedMessage(server.sign(try SignedMessage(reply).octets, at: Int(theirs.time)))
            #expect(ours.tsig?.code == theirs.code)
        }
    }

    @Test func noChangeGoesUnseen() throws {
        for vector in Vector.all where vector.outcomes == ["yes"] {
            var asked = TSIGChain(vector.key)
            let time = try #require(try SignedMessage(vector.signed).tsig).time
            _ = try asked.sign(vector.query, at: Int(time))
            let reply = vector.replies[0]
            // The id is what replies are found by; the one that was signed stands in the record.
            for index in 2..<reply.count {
                for bit in 0..<8 where !(bit == 5 && UInt8(ascii: "A")...UInt8(ascii: "z") ~= reply[index]) {
                    var (changed, chain) = (reply, asked)
                    changed[index] ^= 1 << bit
                    #expect(Self.outcome(changed, &chain) != "yes", "octet \(index)")
                }
            }
            for count in 0..<reply.count {
                var chain = asked
                #expect(Self.outcome(Array(reply.prefix(count)), &chain) == "malformed")
            }
        }
    }

    @Test func theSignatureStandsOnceAndLast() throws {
        let vector = try #require(Vector.all.first)
        var chain = TSIGChain(vector.key)
        let once = try chain.sign(vector.query, at: Self.now)
        var again = TSIGChain(vector.key)
        let twice = try again.sign(once, at: Self.now)
        #expect(Self.outcome(twice, &chain) == "malformed")
    }

    @Test func fewMessagesGoWithoutSignature() throws {
        let vector = try #require(Vector.all.first { $0.outcomes.prefix(2) == ["yes", "no"] })
        var chain = TSIGChain(vector.key)
        _ = try chain.sign(vector.query, at: Self.now)
        #expect(Self.outcome(vector.replies[0], &chain) == "yes")
        for _ in 0..<99 { #expect(Self.outcome(vector.replies[1], &chain) == "no") }
        #expect(Self.outcome(vector.replies[1], &chain) == "missing")
    }

    @Test func aReplyIsGoodOnce() throws {
        let vector = try #require(Vector.all.first)
        var chain = TSIGChain(vector.key)
        _ = try chain.sign(vector.query, at: Self.now)
        #expect(Self.outcome(vector.replies[0], &chain) == "yes")
        #expect(Self.outcome(vector.replies[0], &chain) == "wrong")
    }

    @Test func aMessageWithoutRoomIsNotSigned() throws {
        var chain = TSIGChain(TSIGKey(name: .root, secret: [1]))
        #expect(throws: WireError.noRoom) { try chain.sign([UInt8](repeating: 0, count: 65_500), at: Self.now) }
        #expect(throws: WireError.truncated) { try chain.sign([1, 2], at: Self.now) }
    }

    @Test func errorsSayWhatToDo() throws {
        let name = try Name("k.example")
        let errors: [(SignatureError, String)] = [
            (.missing(.refused), "REFUSED without a signature"), (.malformed, "malformed"),
            (.otherKey(name, algorithm: name), "k.example."), (.wrong, "the secret is another one"),
            (.untimely(seconds: 400), "400 s after"), (.untimely(seconds: -400), "400 s before"),
            (.refused(error: 16), "compare the secrets"), (.refused(error: 17), "compare name and algorithm"),
            (.refused(error: 18, seconds: -400), "400 s behind: set the clocks"), (.refused(error: 22), "longer"),
            (.refused(error: 99), "error 99"),
        ]
        for (error, words) in errors { #expect("\(error)".contains(words), "\(error)") }
    }
}
