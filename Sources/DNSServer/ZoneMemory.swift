import DNS
import Linux

/// Where compiled zones live: large ones in pages of 2 MiB, since a question looks up a few places
/// far from each other and each would need a page's address translated.
enum ZoneMemory {
    /// Zones below this size lie together in plain memory.
    private static let largeSize = 2 << 20

    /// The one holder of mapped memory that the database knows by its address only.
    private final class Owner: Sendable {
        let region: Linux.MemoryRegion

        init(_ region: consuming Linux.MemoryRegion) {
            self.region = region
        }
    }

    static func allocate(_ count: Int) -> DNS.MemoryRegion {
        guard count >= largeSize, let mapped = try? Linux.MemoryRegion(octets: count + DNS.MemoryRegion.padding) else {
            return .plain(count: count)
        }
        let owner = Owner(mapped)
        // Sound: the mapping is zeroed, has `count` and the padding, and stays until `owner` goes,
        // which the closure holds as long as the database's region lives.
        return unsafe owner.region.withUnsafeMutableBytes { bytes in
            unsafe DNS.MemoryRegion(
                base: bytes.baseAddress!, count: count, release: { _ in withExtendedLifetime(owner) {} },
                discard: { unsafe Linux.MemoryRegion.discard($0, count: $1) })
        }
    }
}
