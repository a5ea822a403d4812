/// A domain name (RFC 1035 §3.1, RFC 9499 §2): labels from the most specific to the root.
///
/// Always absolute, always lawful: at most 255 octets in wire format, labels of 1 to 63 octets. A label holds
/// any octets (RFC 2181 §11). Case is kept, and ignored where names are compared or hashed (RFC 4343).
public struct Name: Sendable {
    /// The most octets that a name has in wire format, the root's label included.
    public static let maximumCount = 255
    /// The most labels that a name has, the root's not counted.
    public static let maximumLabels = 127
    /// The most octets that a label has.
    public static let maximumLabelCount = 63

    /// The uncompressed wire format: each label behind its length, then the root's empty label.
    public let wire: [UInt8]

    /// The caller has checked `wire`, or made it so that it is lawful.
    init(validatedWire wire: [UInt8]) { self.wire = wire }

    /// The root.
    public static let root = Name(validatedWire: [0])

    /// A name from exactly its uncompressed wire format.
    public init(wire: Span<UInt8>) throws(WireError) {
        var reader = WireReader(wire, allowsPointers: false)
        self = try reader.name()
        if !reader.isAtEnd { throw .trailingOctets }
    }

    /// The octets it takes in wire format, uncompressed: 1 to 255.
    public var count: Int { wire.count }
    public var isRoot: Bool { wire.count == 1 }

    /// How many labels it has, the root's not counted.
    public var labelCount: Int {
        var labels = 0
        var offset = 0
        while wire[offset] != 0 {
            offset += Int(wire[offset]) + 1
            labels += 1
        }
        return labels
    }

    /// Where each label's length octet stands, the root's not included, from the most specific label on.
    var labelOffsets: [Int] {
        var offsets: [Int] = []
        var offset = 0
        while wire[offset] != 0 {
            offsets.append(offset)
            offset += Int(wire[offset]) + 1
        }
        return offsets
    }

    /// The labels, the root's not included, from the most specific on.
    public var labels: [Label] {
        labelOffsets.map { Label(validated: Array(wire[($0 + 1)...($0 + Int(wire[$0]))])) }
    }

    /// The name without its first label; the root's parent is the root.
    public var parent: Name {
        isRoot ? self : Name(validatedWire: Array(wire[(Int(wire[0]) + 1)...]))
    }

    /// The name made of the last `count` labels.
    public func suffix(labels count: Int) -> Name {
        let offsets = labelOffsets
        guard count < offsets.count else { return self }
        return count <= 0 ? .root : Name(validatedWire: Array(wire[offsets[offsets.count - count]...]))
    }

    /// Whether it is `ancestor` or stands below it.
    public func isSubdomain(of ancestor: Name) -> Bool {
        Octets(wire.span).isSubdomain(of: Octets(ancestor.wire.span))
    }

    /// Whether its first label is `*` (RFC 4592 §2.1.1).
    public var isWildcard: Bool { wire.count > 2 && wire[0] == 1 && wire[1] == 0x2A }

    /// The name with `label` before it, or nil where that would be over 255 octets.
    public func prepending(_ label: Label) -> Name? {
        guard wire.count + label.octets.count + 1 <= Name.maximumCount else { return nil }
        return Name(validatedWire: [UInt8(label.octets.count)] + label.octets + wire)
    }

    /// The name with `old` at its end replaced by `new` (RFC 6672 §2.2), or nil where it does not end in `old` or
    /// would be over 255 octets.
    public func replacingSuffix(_ old: Name, with new: Name) -> Name? {
        guard isSubdomain(of: old), wire.count - old.count + new.count <= Name.maximumCount else { return nil }
        return Name(validatedWire: Array(wire[..<(wire.count - old.count)]) + new.wire)
    }

    /// The name in lower case: its canonical form (RFC 4034 §6.2).
    public var lowercased: Name { Name(validatedWire: wire.map(ASCII.folded)) }
}

/// One label of a name: 1 to 63 octets of any value.
public struct Label: Sendable {
    public let octets: [UInt8]

    init(validated octets: [UInt8]) { self.octets = octets }

    /// Nil where there are none or more than 63 octets.
    public init?(_ octets: [UInt8]) {
        guard 1...Name.maximumLabelCount ~= octets.count else { return nil }
        self.octets = octets
    }
}
