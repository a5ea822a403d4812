/// A zone in the form it is answered from: one piece of memory, never changed.
///
///     ┌───────────────────────────────┐ 0
///     │ slots       8 octets each     │ open addressing, one a name that can be found:
///     │   tag 32 bits │ entry 32 bits │   tag: the low half of the name's hash; entry: its place; 0 is empty
///     ├───────────────────────────────┤ origin
///     │ the origin's name, filled up to a multiple of 8
///     ├───────────────────────────────┤ heap
///     │ entry of the apex │ blocks …  │ each entry is followed by the blocks that it is the first to use
///     │ entry │ blocks │ entry │ …    │
///     ├───────────────────────────────┤ proofs: only of a signed zone
///     │ key 64 bits │ entry 64 bits │  owners of NSEC records in canonical order, or of NSEC3 records by hash: the first
///     │ …                             │ eight octets of what they are sorted by, and the entry; little-endian words
///     │ keys 64 bits │ …              │ of each 16th owner, of each 16th of those, and so on: `ProofLevels`
///     └───────────────────────────────┘ count (and 16 octets more that may be read)
///
///     entry    0  octets of the name below the apex (u8; 0 at the apex)
///              1  marks (u8)
///              2  number of sets (u16)
///              4  the name's labels below the apex, in the file's case, filled up to a multiple of 4
///              …  one set after the other, by type: type (u16), 0 (u16), block (u32)
///              …  only if the marks say so: the entries that prove what there is at this name, and that there is no `*`
///                 below it (2 × u32; all ones: none)
///
///     block    0  octets of the records (u16), without signatures
///              2  number of records (u16)
///              4  number of patches (u16)
///              6  number of signatures (u16)
///              8  only if that is not 0: octets of the signatures (u16), 0 (u16)
///              …  only of a referral: octets and number of the NS records, of those and the addresses without
///                 which nobody reaches the delegation (4 × u16)
///              …  the records as they stand in an answer, then the RRSIG records that cover them
///              …  patches: position in the records (u16), BlockPatch (u16)
///
/// Places are counted in units of 4 octets from the heap's start, so that 32 bits reach 16 GiB. Integers are big-endian,
/// slots little-endian words. A name in a record is in wire format and compressed; where its pointer depends on the
/// message, the patch says what it leads to. An owner is the pointer to octet 12, the question's name: it is right as it
/// stands for every answer to a name that exists, and replaced where the set belongs to an ancestor or to an alias's
/// target. Equal blocks of a piece (`ZoneWork`) are stored once, and
/// so is the referral that cuts share (`ZoneIndex.findModels`).
public final class CompiledZone: Sendable {
    public let origin: Name
    public let serial: SerialNumber
    /// How many records it was made from, duplicates not counted.
    public let recordCount: Int
    let region: MemoryRegion
    let layout: ZoneLayout
    /// Names can only be found with the seed they were hashed with.
    let seed: UInt64

    init(
        origin: Name, serial: SerialNumber, recordCount: Int, region: MemoryRegion, layout: ZoneLayout, seed: UInt64
    ) {
        self.origin = origin
        self.serial = serial
        self.recordCount = recordCount
        self.region = region
        self.layout = layout
        self.seed = seed
    }
}

/// The landmarks of a compiled zone, in so few octets that a copy costs nothing.
struct ZoneLayout: Sendable {
    /// Where the heap begins, in octets: behind the origin's name, perhaps not at once.
    var heap = 0
    var slotCount: UInt32 = 0
    /// The place of the SOA record with the TTL of negative answers, behind the last entry and its blocks.
    var negative: UInt32 = 0
    /// The places of the salt of NSEC3 and of the chain of proofs, and its number of owners.
    var saltPlace: UInt32 = 0
    var proofsPlace: UInt32 = 0
    var proofCount: UInt32 = 0
    /// Of NSEC3.
    var iterations: UInt16 = 0
    var saltCount: UInt8 = 0
    /// Octets of the origin's name, and its labels.
    var originCount: UInt8 = 1
    var originLabels: UInt8 = 0
    /// Labels of the deepest name that can be found.
    var deepestLabels: UInt8 = 0
    /// Whether the zone is signed: its SOA record is.
    var isSigned = false
    /// How the zone proves that something does not exist.
    var denial = Denial.none

    /// Where the origin's name begins, in octets.
    var origin: Int { Int(slotCount) &* 8 }

    enum Denial: Sendable {
        case none
        /// By NSEC records.
        case names
        /// By NSEC3 records.
        case hashes
    }

    /// Stands where there is no place.
    static let nowhere = UInt32.max

    /// The apex's entry is the first of the heap.
    static let apex: UInt32 = 0
}

/// What an entry's second octet says.
struct EntryMarks: OptionSet {
    let rawValue: UInt8
    static let zoneCut = EntryMarks(rawValue: 1)
    static let hasAlias = EntryMarks(rawValue: 2)
    static let hasDNAME = EntryMarks(rawValue: 4)
    /// `*` exists below it.
    static let hasWildcard = EntryMarks(rawValue: 8)
    /// Cannot be found: data below a cut, or the owner of NSEC3 records. It is there for transfers.
    static let isHidden = EntryMarks(rawValue: 16)
    /// Places of proofs stand behind the sets.
    static let hasProofs = EntryMarks(rawValue: 32)
}
