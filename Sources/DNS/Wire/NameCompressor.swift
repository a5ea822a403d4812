/// Finds names that a message already holds (RFC 1035 §4.1.4).
///
/// Remembers where the suffixes of the written names stand, in a table of fixed size that is allocated once and
/// emptied by counting up `generation`. A full neighbourhood only costs compression, never correctness.
public struct NameCompressor: ~Copyable {
    private static let slotCount = 1024
    private static let probeLimit = 8
    /// Pointers have 14 bits.
    private static let positionLimit = 0x4000

    /// generation (32 bits), hash tag (16), position (16); zero is empty.
    private var slots = [UInt64](repeating: 0, count: slotCount)
    private var generation: UInt64 = 0

    public init() { reset() }

    /// Forgets all names, for the next message.
    public mutating func reset() {
        generation += 1
        if generation > UInt64(UInt32.max) {
            generation = 1
            for index in slots.indices { slots[index] = 0 }
        }
    }

    /// Writes `name` (uncompressed wire format), as short as the remembered names allow.
    @_lifetime(writer: copy writer)
    mutating func append(_ name: Octets, to writer: inout WireWriter) throws(WireError) {
        var offset = 0
        while name.u8(offset) != 0 {
            let hash = NameCompressor.hash(name, offset)
            if let position = find(name, offset, hash: hash, in: writer) {
                return try writer.append(0xC000 | UInt16(position))
            }
            remember(position: writer.count, hash: hash)
            let count = Int(name.u8(offset)) + 1
            try writer.append(name, offset, count)
            offset += count
        }
        try writer.append(UInt8(0))
    }

    /// Remembers the suffixes of a name that stands uncompressed in the message.
    mutating func remember(nameAt position: Int, in writer: borrowing WireWriter) {
        let octets = writer.buffer.octets(writer.count)
        var offset = position
        while octets.u8(offset) != 0 {
            remember(position: offset, hash: NameCompressor.hash(octets, offset))
            offset += Int(octets.u8(offset)) + 1
        }
    }

    /// Forgets the names that stand at `position` or behind it. What is lost besides is only compression.
    mutating func forget(from position: Int) {
        for index in slots.indices where slots[index] &>> 32 == generation && Int(slots[index] & 0xFFFF) >= position {
            slots[index] = 0
        }
    }

    private mutating func remember(position: Int, hash: UInt64) {
        guard position < NameCompressor.positionLimit else { return }
        let entry = generation &<< 32 | (hash & 0xFFFF) &<< 16 | UInt64(position)
        for probe in 0..<NameCompressor.probeLimit {
            let index = Int(truncatingIfNeeded: (hash &>> 16) &+ UInt64(probe)) & (NameCompressor.slotCount - 1)
            if slots[index] &>> 32 != generation {
                slots[index] = entry
                return
            }
        }
    }

    private func find(_ name: Octets, _ offset: Int, hash: UInt64, in writer: borrowing WireWriter) -> Int? {
        let octets = writer.buffer.octets(writer.count)
        for probe in 0..<NameCompressor.probeLimit {
            let index = Int(truncatingIfNeeded: (hash &>> 16) &+ UInt64(probe)) & (NameCompressor.slotCount - 1)
            let slot = slots[index]
            if slot &>> 32 != generation { return nil }
            let position = Int(slot & 0xFFFF)
            if (slot &>> 16) & 0xFFFF == hash & 0xFFFF, NameCompressor.isEqual(name, offset, octets, position) {
                return position
            }
        }
        return nil
    }

    /// FNV-1a over the folded suffix. Not a defence against crafted names: `probeLimit` is.
    private static func hash(_ name: Octets, _ start: Int) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var offset = start
        while name.u8(offset) != 0 {
            for index in 0...Int(name.u8(offset)) {
                hash = (hash ^ UInt64(ASCII.folded(name.u8(offset + index)))) &* 0x100_0000_01B3
            }
            offset += Int(name.u8(offset)) + 1
        }
        return hash ^ hash &>> 32
    }

    /// Whether the uncompressed name equals the one in the message, which may be compressed.
    private static func isEqual(_ name: Octets, _ start: Int, _ message: Octets, _ position: Int) -> Bool {
        var left = start
        var right = position
        while true {
            while message.u8(right) >= 0xC0 { right = Int(message.u16(right)) & 0x3FFF }
            let length = message.u8(right)
            if name.u8(left) != length { return false }
            if length == 0 { return true }
            for index in 1...Int(length)
            where ASCII.folded(name.u8(left + index)) != ASCII.folded(message.u8(right + index)) { return false }
            left += Int(length) + 1
            right += Int(length) + 1
        }
    }
}

extension WireWriter {
    /// Writes a name in uncompressed wire format, compressed against the names that `compressor` remembers, and
    /// remembers it.
    @_lifetime(self: copy self)
    public mutating func append(
        name wire: Span<UInt8>, compressor: inout NameCompressor
    ) throws(WireError) {
        try compressor.append(Octets(wire), to: &self)
    }

    /// Forgets what was written from `count` on, and the names that `compressor` remembers there.
    @_lifetime(self: copy self)
    public mutating func truncate(to count: Int, compressor: inout NameCompressor) {
        cut(to: count)
        compressor.forget(from: count)
    }
}
