import CIntrinsics

/// All zones that are served together: immutable, read by every worker without a lock.
///
/// It holds compiled zones, shared with the databases before and after it, and finds them by the hash of their origin:
///
///     slots    tag 32 bits │ zone 32 bits      open addressing; the low half of the origin's hash, zone + 1
///     origins  their names
///     depths   one bit for each number of labels that an origin has
///
/// A look-up tries the suffixes of the question's name with those numbers of labels, the longest first: the most
/// specific zone that encloses the name answers.
public final class Database: Sendable {
    public let zones: [CompiledZone]
    private let places: [ZonePlace]
    /// The memory that `places` point into.
    private let regions: [MemoryRegion]
    private let slots: [UInt64]
    /// Bit n: there are origins with n labels; from 64 on in the second word.
    private let depths: (UInt64, UInt64)
    let seed: UInt64
    /// Whether it is so large that memory is worth fetching ahead: see `QueryBatch`. What fits a processor's cache is
    /// there already.
    public let isLarge: Bool

    /// Whether finding the zone touches memory that may be far away.
    private let hasManyZones: Bool

    private static let largeCount = 512 << 10
    private static let manyZones = 256

    /// Serves nothing: every name is outside all zones.
    public static let empty = Database(zones: [], unavailable: [], seed: 0)

    /// `unavailable` are the origins of zones without a version that can be served: SERVFAIL is their answer.
    /// All zones must have been compiled with `seed`; one that was not is left out.
    public init(zones: [CompiledZone], unavailable: [Name], seed: UInt64) {
        self.zones = zones.filter { $0.seed == seed }
        self.seed = seed
        var places: [ZonePlace] = []
        var regions: [MemoryRegion] = []
        var depths: (UInt64, UInt64) = (0, 0)
        var slots = [UInt64](repeating: 0, count: Database.slotCount(for: zones.count + unavailable.count))
        var name = LookupName()
        for number in 0..<(self.zones.count + unavailable.count) {
            let zone = number < self.zones.count ? self.zones[number] : nil
            let origin = zone?.origin ?? unavailable[number - self.zones.count]
            guard name.load(Octets(origin.wire.span), at: 0, seed: seed) == nil else { continue }
            let hash = name.hash(ofSuffix: name.labelCount)
            var slot = Int(truncatingIfNeeded: hash &>> 32) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = (hash & 0xFFFF_FFFF) &<< 32 | UInt64(places.count + 1)
            if name.labelCount < 64 {
                depths.0 |= 1 << UInt64(name.labelCount)
            } else {
                depths.1 |= 1 << UInt64(name.labelCount - 64)
            }
            let region = zone?.region ?? MemoryRegion.holding(origin)
            places.append(ZonePlace(region, zone?.layout, name, number: number))
            regions.append(region)
        }
        self.places = places
        hasManyZones = places.count > Database.manyZones
        self.regions = regions
        isLarge = regions.reduce(0) { $0 + $1.count } >= Database.largeCount
        self.slots = slots
        self.depths = depths
    }

    /// A database of some of the zones, which it shares.
    public func keeping(_ isKept: (CompiledZone) -> Bool) -> Database {
        Database(zones: zones.filter(isKept), unavailable: [], seed: seed)
    }

    private static func slotCount(for count: Int) -> Int {
        var size = 16
        while size < count * 2 { size *= 2 }
        return size
    }

    /// The most specific zone that encloses the suffix of the name with `labels` labels; nil outside all zones.
    func zone(enclosing name: borrowing LookupName, labels: Int) -> ZonePlace? {
        let number = number(enclosing: name, labels: labels)
        return number < 0 ? nil : places[Int(number)]
    }

    /// Its number; below zero outside all zones.
    private func number(enclosing name: borrowing LookupName, labels: Int) -> Int32 {
        var labels = depth(atMost: labels)
        while labels >= 0 {
            let number = number(withOrigin: labels, of: name)
            if number >= 0 { return number }
            labels = depth(atMost: labels - 1)
        }
        return -1
    }

    /// The number of the zone that most likely encloses the name, by its hash alone, and asks for its place; below zero
    /// where there is none.
    @inline(__always)
    func likelyZone(enclosing name: borrowing LookupName) -> Int32 {
        var labels = depth(atMost: name.labelCount)
        while labels >= 0 {
            let hash = name.hash(ofSuffix: labels)
            var slot = slot(of: hash)
            while slots[slot] != 0 {
                if slots[slot] &>> 32 == hash & 0xFFFF_FFFF {
                    let number = Int32(truncatingIfNeeded: slots[slot] & 0xFFFF_FFFF) - 1
                    if hasManyZones { prefetch(places, Int(number)) }
                    return number
                }
                slot = (slot + 1) & (slots.count - 1)
            }
            labels = depth(atMost: labels - 1)
        }
        return -1
    }

    /// Asks for the slot of the longest origin that may enclose the name.
    @inline(__always)
    func prefetchSlot(of name: borrowing LookupName) {
        guard hasManyZones else { return }
        let labels = depth(atMost: name.labelCount)
        if labels >= 0 { prefetch(slots, slot(of: name.hash(ofSuffix: labels))) }
    }

    @inline(__always)
    private func slot(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 32) & (slots.count - 1) }

    /// The number that `likelyZone` guessed, if that zone does enclose the name; else that of the one that does, below zero
    /// where there is none.
    @inline(__always)
    func number(_ guess: Int32, enclosing name: borrowing LookupName) -> Int32 {
        if guess >= 0 && guess < places.count, encloses(Int(guess), name, labels: originLabels(guess)) { return guess }
        return number(enclosing: name, labels: name.labelCount)
    }

    /// Whether the origin of the zone at `index` is the suffix of the name with `labels` labels.
    @inline(__always)
    private func encloses(_ index: Int, _ name: borrowing LookupName, labels: Int) -> Bool {
        let place = places[index]
        guard labels <= name.labelCount else { return false }
        let offset = name.offset(ofSuffix: labels)
        let count = Int(place.layout.originCount)
        return name.count &- offset == count
            && name.isEqual(offset, count, octets(of: place), at: place.layout.origin)
    }

    /// The most labels, not above `labels`, that an origin has; below zero: none has so few.
    private func depth(atMost labels: Int) -> Int {
        if labels > 63 {
            // The highest bit is the longest suffix that could be an origin.
            let bits = depths.1 &<< UInt64(127 - labels)
            if bits != 0 { return labels - bits.leadingZeroBitCount }
        }
        let labels = min(labels, 63)
        let bits = labels < 0 ? 0 : depths.0 &<< UInt64(63 - labels)
        return bits == 0 ? -1 : labels - bits.leadingZeroBitCount
    }

    @inline(__always)
    private func prefetch<Element>(_ array: [Element], _ index: Int) {
        // Sound: inside the array, and only advice.
        unsafe array.withUnsafeBufferPointer { array in
            guard index < array.count, let start = array.baseAddress else { return }
            let element = unsafe UnsafeRawPointer(start + index)
            unsafe minidns_prefetch(element)
            unsafe minidns_prefetch(element + MemoryLayout<Element>.size - 1)
        }
    }

    /// The number of the zone whose origin is the suffix of the name with `labels` labels; below zero where there is none.
    private func number(withOrigin labels: Int, of name: borrowing LookupName) -> Int32 {
        let hash = name.hash(ofSuffix: labels)
        var slot = slot(of: hash)
        while slots[slot] != 0 {
            if slots[slot] &>> 32 == hash & 0xFFFF_FFFF {
                let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
                if encloses(number, name, labels: labels) { return Int32(truncatingIfNeeded: number) }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return -1
    }

    /// The zone with that number; nil where it has no version to serve.
    @inline(__always)
    @_lifetime(borrow self)
    func view(_ number: Int32) -> ZoneView? {
        guard number >= 0 && number < places.count else { return nil }
        let place = places[Int(number)]
        return place.isAvailable ? ZoneView(octets(of: place), place.layout) : nil
    }

    func originLabels(_ number: Int32) -> Int { Int(places[Int(number)].layout.originLabels) }

    /// The octets of a zone of this database.
    @_lifetime(borrow self)
    func octets(of place: ZonePlace) -> Octets { unsafe Octets(base: place.base, count: place.count, owner: self) }
}

/// Where a zone of a database lies in memory. No reference is counted: it holds as long as the database does.
@safe
struct ZonePlace: @unchecked Sendable {
    // Sound: the database that made this keeps the region alive, and only its `octets(of:)`, whose view cannot
    // outlive it, uses the address.
    fileprivate let base: UnsafeRawPointer
    fileprivate let count: Int
    let layout: ZoneLayout
    /// False: no version of it can be served.
    let isAvailable: Bool
    /// Its index among the places; of an available zone also in `zones`.
    let number: Int32

    fileprivate init(_ region: MemoryRegion, _ layout: ZoneLayout?, _ origin: borrowing LookupName, number: Int) {
        self.number = Int32(truncatingIfNeeded: number)
        unsafe base = region.start
        count = region.count + MemoryRegion.padding
        let nothing = ZoneLayout(
            originCount: UInt8(truncatingIfNeeded: origin.count),
            originLabels: UInt8(truncatingIfNeeded: origin.labelCount))
        self.layout = layout ?? nothing
        isAvailable = layout != nil
    }
}

extension MemoryRegion {
    /// The place of a zone that has nothing but a name.
    fileprivate static func holding(_ origin: Name) -> MemoryRegion {
        let region = MemoryRegion.plain(count: origin.count)
        region.fill(origin.wire, at: 0)
        return region
    }
}
