/// Queries and replies as octets, made without the code that is tested.
public enum Sample {
    /// A query of one question without EDNS; type 6 is SOA.
    public static func query(_ name: String, type: UInt16 = 6, id: UInt16 = 1) -> [UInt8] {
        var octets: [UInt8] = [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") { octets += [UInt8(label.utf8.count)] + Array(label.utf8) }
        return octets + [0, UInt8(type >> 8), UInt8(truncatingIfNeeded: type), 0, 1]
    }

    public static func id(of reply: [UInt8]) -> UInt16? {
        reply.count >= 12 && reply[2] & 0x80 != 0 ? UInt16(reply[0]) << 8 | UInt16(reply[1]) : nil
    }

    public static func responseCode(of reply: [UInt8]) -> UInt8? {
        reply.count >= 12 ? reply[3] & 15 : nil
    }

    /// The serial of a reply that ends in its SOA record: five numbers of 32 bits, the serial first.
    public static func serial(of reply: [UInt8]) -> UInt32? {
        guard reply.count > 32, responseCode(of: reply) == 0 else { return nil }
        return reply[(reply.count - 20)..<(reply.count - 16)].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// A zone file with this serial, for the origin that its file says.
    public static func zone(serial: UInt32) -> String {
        """
        @ 3600 IN SOA ns hostmaster \(serial) 3600 600 86400 60
        @ 3600 IN NS ns
        ns 3600 IN A 192.0.2.1

        """
    }
}
