/// What is asked (RFC 1035 §4.1.2).
public struct Question: Hashable, Sendable {
    public var name: Name
    public var type: RecordType
    public var recordClass: RecordClass

    public init(_ name: Name, _ type: RecordType, _ recordClass: RecordClass = .internet) {
        self.name = name
        self.type = type
        self.recordClass = recordClass
    }
}
