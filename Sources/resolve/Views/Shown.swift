import ArgumentParser
import DNS

/// What of a response is shown to people.
struct Shown: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: .hidden) var headline = true
    @Flag(inversion: .prefixedNo, help: .hidden) var answer = true
    @Flag(inversion: .prefixedNo, help: .hidden) var authority = true
    @Flag(inversion: .prefixedNo, help: .hidden) var additional = true
    @Flag(inversion: .prefixedNo, help: .hidden) var comments = true
    @Flag(inversion: .prefixedNo, help: .hidden) var statistics = true
    @Flag(inversion: .prefixedNo, help: .hidden) var showTTL = true
    @Flag(inversion: .prefixedNo, help: .hidden) var showClass = true
    @Flag(help: "Say what the query had, too.") var query = false
    @Flag(help: "TTLs in seconds.") var seconds = false
    @Flag(help: "Data in the form that every type has: \\# 4 c0000250.") var generic = false

    func sections(of message: Message) -> [(name: String, records: [Record])] {
        [
            ("answer", answer ? message.answer : []), ("authority", authority ? message.authority : []),
            ("additional", additional ? message.additional : []),
        ]
    }

    /// Data as text.
    func text(of data: RecordData) -> String { generic ? data.genericDescription : "\(data)" }
}
