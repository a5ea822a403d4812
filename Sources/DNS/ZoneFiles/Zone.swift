/// The records of one zone as its files have them, in the order of the files, not yet checked.
///
/// Flat arrays, no object per record:
///
///     octets    owner │ data │ data │ owner │ data │ …      names and record data in uncompressed wire format
///     entries   type, TTL, and where owner, data and source stand, one a record
///     files     path and text of each file read, for messages
///
/// Records that follow each other with the same owner may share its octets.
public struct Zone: Sendable {
    /// One record.
    struct Entry: Sendable {
        /// Where its owner's name begins in `octets`.
        var owner: UInt32
        /// Where its data begins in `octets`.
        var data: UInt32
        var dataCount: UInt16
        var type: RecordType
        var ttl: UInt32
        /// Where it begins in the text of all files, one behind the other.
        var source: UInt32
    }

    /// One file that was read for it.
    public struct SourceFile: Sendable {
        /// As it is named in messages.
        public let path: String
        /// Empty where nobody needs it any more.
        var text: [UInt8]
        /// How many octets the text has, and that of the files before it.
        let count: Int
        let start: Int
    }

    /// The name of its apex.
    public let origin: Name
    var octets = Column<UInt8>()
    var entries = Column<Entry>()
    public internal(set) var files: [SourceFile] = []

    /// The origin's name begins `octets`.
    static let originOffset: UInt32 = 0

    init(origin: Name) {
        self.origin = origin
    }

    public var recordCount: Int { entries.count }

    /// The record at `index`, in the order of the files.
    public subscript(index: Int) -> Record {
        let entry = entries[index]
        return Record(
            owner: owner(of: entry), ttl: TTL(entry.ttl),
            data: RecordData(validated: data(of: entry), type: entry.type))
    }

    func owner(of entry: Entry) -> Name {
        var end = Int(entry.owner)
        while octets[end] != 0 { end += Int(octets[end]) + 1 }
        return Name(validatedWire: Array(octets[Int(entry.owner)...end]))
    }

    func data(of entry: Entry) -> [UInt8] {
        Array(octets[Int(entry.data)..<(Int(entry.data) + Int(entry.dataCount))])
    }

    /// Frees the text of the files.
    mutating func letTextGo() {
        for file in files.indices { files[file].text = [] }
    }

    /// Reads the text again that was let go; what has another length now stays away.
    mutating func readText(_ read: (_ path: String) -> Result<[UInt8], ZoneReadError>) {
        for file in files.indices where files[file].text.count != files[file].count {
            guard case .success(let text) = read(files[file].path), text.count == files[file].count else { continue }
            files[file].text = text
        }
    }

    /// The number of the file that has an entry.
    func file(of entry: Entry) -> Int { files.lastIndex { $0.start <= Int(entry.source) } ?? 0 }
}
