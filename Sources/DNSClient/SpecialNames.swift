public import DNS
import Linux

/// Names that no server is asked for.
public enum SpecialNames {
    private static let localhost = Name.root.prepending("localhost")
    private static let onion = Name.root.prepending("onion")

    static func contains(_ name: Name) -> Bool { name.isSubdomain(of: localhost) || name.isSubdomain(of: onion) }

    /// The reply to a question for localhost (RFC 6761 §6.3) or for a name of Tor (RFC 7686 §2); nil for any other.
    public static func reply(to question: Question, _ options: QueryOptions) -> Reply? {
        guard question.recordClass == .internet, options.opcode == .query else { return nil }
        guard contains(question.name) else { return nil }
        var message = Message(id: 0, question: question, recursionDesired: options.recursionDesired)
        message.header.isResponse = true
        if question.name.isSubdomain(of: onion) {
            message.header.responseCode = .nameError
        } else {
            message.answer = [SocketAddress.loopback(.ipv6, port: 0), .loopback(.ipv4, port: 0)].compactMap { address in
                let record = Record(owner: question.name, address: address)
                return question.type == .any || record?.type == question.type ? record : nil
            }
        }
        return Reply(
            message: message, octets: (try? message.encoded()) ?? [], source: .specialName,
            server: .loopback(.ipv4, port: 0), transport: .udp, duration: .zero, attempts: 0, notes: [])
    }
}

extension Name {
    fileprivate func prepending(_ text: String) -> Name {
        Label(Array(text.utf8)).flatMap(prepending) ?? self
    }
}

extension Record {
    fileprivate init?(owner: Name, address: SocketAddress) {
        let type = address.family == .ipv4 ? RecordType.a : .aaaa
        guard let data = try? RecordData(type: type, octets: address.octets) else { return nil }
        self.init(owner: owner, recordClass: .internet, ttl: 0, data: data)
    }
}
